"""A command: a program with its arguments, and what is around it when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

OK_EXIT_CODES = (0,)
"""The exit codes that mean that all went well, where nothing else is said."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """`argv` is never read by a shell. `environment` is added to that of the engine, in whose folder it runs unless
    `working_directory` is set: an absolute folder, or one relative to the root of the job's configuration. One of
    `ok_exit_codes` completes the job.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    working_directory: str | None = None
    ok_exit_codes: tuple[int, ...] = OK_EXIT_CODES

    def __str__(self) -> str:
        return " ".join(self.argv)

    def to_data(self) -> dict[str, Any]:
        return {
            "argv": list(self.argv),
            "environment": dict(self.environment),
            "working_directory": self.working_directory,
            "ok_exit_codes": list(self.ok_exit_codes),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> Command | None:
        """None for a job that is a method."""
        if data is None:
            return None
        return cls(**{**data, "argv": tuple(data["argv"]), "ok_exit_codes": tuple(data["ok_exit_codes"])})
