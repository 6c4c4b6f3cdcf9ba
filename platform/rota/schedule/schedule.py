"""Placeholder of the public face of this room: `Schedule`."""

from __future__ import annotations

from typing import Any


class Schedule:
    """When a job may start."""

    def to_data(self) -> Any:
        """Canonical JSON."""
        raise NotImplementedError
