"""Keys: who holds them, and jobs in line that wait until nobody does. The oldest of those gets the key.

A job in line is queued and `behind`: the unique index of keys leaves it out, and nobody claims it. Whoever frees keys
passes them on in the same transaction. On PostgreSQL a job may get in line in the moment in which its key is freed, and
neither transaction sees the other: then an engine, which both wake, finds it when it looks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.exc import IntegrityError

from rota.store.connection import Transaction
from rota.store.slices import slices
from rota.store.tables import BEHIND_STATE, HOLDING_STATE, background_job

job = background_job

_held = background_job.alias("held")
_HOLDING = text(HOLDING_STATE.replace("state", "held.state").replace("behind", "held.behind"))

_FIRST_IN_LINE = (
    select(func.min(job.c.sequence))
    .where(text(BEHIND_STATE))
    .group_by(job.c.key_scope, job.c.key)
    .having(~exists().where(_HOLDING, _held.c.key_scope == job.c.key_scope, _held.c.key == job.c.key))
)


CAN_PASS_ON = _FIRST_IN_LINE.exists()
"""Whether a job waits for a key that nobody holds."""


def pass_on(tx: Transaction) -> int:
    """Give every key that nobody holds to the oldest job that waits for it; returns how many got theirs."""
    return sum(_take(tx, sequence) for sequence in list(tx.execute(_FIRST_IN_LINE).scalars()))


def _take(tx: Transaction, sequence: int) -> bool:
    """Let one job have its key, unless somebody has cancelled it or taken the key meanwhile."""
    try:
        with tx.begin_nested():
            taken = tx.execute(
                update(job).where(job.c.sequence == sequence, text(BEHIND_STATE)).values(behind=False, reason=None)
            )
    except IntegrityError:
        return False
    return taken.rowcount == 1


def holder(tx: Transaction, key_scope: str, key: str) -> str | None:
    """The id of the active job that holds the key, if there is one."""
    return holders(tx, key_scope, [key]).get(key)


def holders(tx: Transaction, key_scope: str, wanted: Sequence[str]) -> dict[str, str]:
    """The ids of the jobs that hold these keys, by key."""
    found: dict[str, str] = {}
    for some in slices(wanted):
        rows: Any = tx.execute(
            select(job.c.key, job.c.id).where(text(HOLDING_STATE), job.c.key_scope == key_scope, job.c.key.in_(some))
        )
        found |= {row.key: row.id for row in rows}
    return found
