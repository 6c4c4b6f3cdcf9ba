"""Identifiers: random, so that no coordination is needed and a short prefix finds a job."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """A new identifier: a random UUID, in its canonical form."""
    return str(uuid.uuid4())
