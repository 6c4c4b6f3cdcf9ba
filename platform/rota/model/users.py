"""Users: who acts, and whom jobs run as."""

from __future__ import annotations

ADMINISTRATOR = "administrator"
"""The built-in user that acts, and that jobs run as, when nothing else is said."""
