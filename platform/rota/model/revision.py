"""Revisions: what was applied, when, by whom, and where it came from."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import asdict


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a configuration's files come from.

    `commit` is the git commit that was checked out, and `clean` whether nothing differed from it; None where there is
    no git. `restores` is the earlier revision that this one brings back.
    """

    commit: str | None = None
    clean: bool | None = None
    restores: int | None = None


NO_ORIGIN = Origin()
"""Nothing is known."""


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One applied state of a configuration. `source` is the file or folder as it was named, `summary` its changes."""

    configuration: str
    number: int
    digest: str
    applied_at: datetime
    applied_by: str
    source: str
    origin: Origin
    summary: Mapping[str, int] = msgspec.field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "configuration": self.configuration,
            "revision": self.number,
            "digest": self.digest,
            "applied_at": self.applied_at,
            "applied_by": self.applied_by,
            "source": self.source,
            **asdict(self.origin),
            "summary": dict(self.summary),
        }


class Renaming(NamedTuple):
    """What a revision did to names: `renames` lead from old to new ones, and `names` are those there were after it."""

    renames: Mapping[str, str]
    names: Container[str]
