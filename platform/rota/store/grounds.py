"""What a start rests on: that its user may start such jobs, and that the configurations are those it was decided by.

Nobody asks for either before a start: it is a part of the statement that stores the jobs, or the first one of their
transaction. So a start needs no exchange with a server for it, and is exact however long ago anything was read.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import text

from rota.model.users import Role
from rota.store.driver import Writing


class Grounds(msgspec.Struct, frozen=True):
    """The user is whom the jobs run as; `role` is the least that they need.

    `revisions` is the sum of the revisions of all configurations, which each update raises; None where the start was
    decided without them.
    """

    user: str
    role: Role
    revisions: int | None


def row(grounds: Grounds) -> dict[str, Any]:
    """The parameters of `HOLD`."""
    return {"user_": grounds.user, "role_": grounds.role, "revisions_": grounds.revisions}


def hold(tx: Writing, grounds: Grounds) -> bool:
    """Whether a start may still be made on them."""
    return tx.execute(_HOLD, row(grounds)).fetchone() is not None


HOLD = """
    SELECT name FROM rota_user
    WHERE name = :user_ AND disabled_at IS NULL AND role IN (:role_, 'administrator')
        AND (
            CAST(:revisions_ AS bigint) IS NULL
            OR (SELECT sum(revision) FROM rota_configuration) = CAST(:revisions_ AS bigint)
        )
"""
"""One row if the grounds hold, and none if not: a statement, or a part of one."""

_HOLD = text(HOLD)
