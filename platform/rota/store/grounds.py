"""What a start rests on: that its user may start such jobs, and that the configurations are those it was decided by.

Nobody asks for either before a start: it is a part of the statement that stores the jobs, or the first one of their
transaction. So a start needs no exchange with a server for it, and is exact however long ago anything was read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from rota.model.users import Role
from rota.store.bulk import as_instant
from rota.store.driver import Writing


class Revisions(NamedTuple):
    """A state of all configurations: the sum of their revisions, which each update raises, and when the last one was.

    The instant tells apart two databases of which one has taken the place of the other, as a restored one does.
    """

    number: int
    last: datetime | None


class Grounds(msgspec.Struct, frozen=True):
    """The user is whom the jobs run as; `role` is the least that they need.

    `revisions` is None where the start was decided without the configurations.
    """

    user: str
    role: Role
    revisions: Revisions | None


def row(tx: Writing, grounds: Grounds) -> dict[str, Any]:
    """The parameters of `HOLD`."""
    number, last = grounds.revisions or (None, None)
    at = as_instant(tx, last)
    return {"user_": grounds.user, "role_": grounds.role, "revisions_": number, "last_": at}


def hold(tx: Writing, grounds: Grounds) -> bool:
    """Whether a start may still be made on them."""
    return tx.execute(_HOLD, row(tx, grounds)).fetchone() is not None


HOLD = """
    SELECT name FROM rota_user
    WHERE name = :user_ AND disabled_at IS NULL AND role IN (:role_, 'administrator')
        AND (
            CAST(:revisions_ AS bigint) IS NULL
            OR (CAST(:revisions_ AS bigint), :last_) = (SELECT sum(revision), max(applied_at) FROM rota_configuration)
        )
"""
"""One row if the grounds hold, and none if not: a statement, or a part of one."""

_HOLD = text(HOLD)
