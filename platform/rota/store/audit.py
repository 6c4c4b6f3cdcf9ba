"""The audit log: every act of a person or a program, written in the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select

from rota.model.acts import Act, Audited
from rota.store.columns import like
from rota.store.connection import Transaction
from rota.store.tables import audit
from rota.store.wakeups import CHANNEL, Change, wake_engines


def note(
    tx: Transaction,
    *,
    at: datetime,
    user: str,
    act: Act,
    subject: str,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    wake: Change | None = None,
) -> None:
    """`subject` names what was done to: a job's id, or the name of anything else. `facts` must be JSON.

    With `wake` engines look for that change once this is committed, as with `wake_engines`; on PostgreSQL at the cost
    of one statement for both, which is a sixth of a single start.
    """
    values = {"at": at, "user": user, "act": act, "subject": subject, "reason": reason, "facts": dict(facts or {})}
    if wake is not None and tx.dialect.name == "postgresql":
        tx.execute(_NOTE_AND_WAKE, {**values, "change_": str(wake)})
        return
    tx.execute(insert(audit), values)
    if wake is not None:
        wake_engines(tx, wake)


_NOTED = (
    insert(audit)
    .values({each.name: bindparam(each.name, type_=each.type) for each in audit.c if each.name != "id"})
    .returning(audit.c.id)
    .cte("noted")
)
_NOTE_AND_WAKE = select(func.pg_notify(CHANNEL, bindparam("change_"))).select_from(_NOTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which acts to list: all conditions that are set hold. `act` and `subject` may hold `*`; `newest`: how many."""

    since: datetime | None = None
    until: datetime | None = None
    by: str | None = None
    act: str | None = None
    subject: str | None = None
    newest: int = 100


def select_acts(tx: Transaction, wanted: AuditFilter) -> list[Audited]:
    """The matching acts, newest first."""
    query = select(audit).where(*_conditions(wanted)).order_by(audit.c.id.desc()).limit(wanted.newest)
    return [
        Audited(**{**{name: value for name, value in row.items() if name != "id"}, "facts": row["facts"] or {}})
        for row in tx.execute(query).mappings()
    ]


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    if wanted.by is not None:
        conditions.append(audit.c.user == wanted.by)
    if wanted.act is not None:
        conditions.append(like(audit.c.act, wanted.act))
    if wanted.subject is not None:
        conditions.append(like(audit.c.subject, wanted.subject))
    return conditions


def forget_before(tx: Transaction, cutoff: datetime, *, of_jobs: bool, limit: int) -> int:
    """Delete up to `limit` acts from before `cutoff`: with `of_jobs` those on background jobs, else all.

    Returns how many were deleted.
    """
    old = select(audit.c.id).where(audit.c.at < cutoff)
    if of_jobs:
        old = old.where(like(audit.c.act, "job.*"))
    return tx.execute(delete(audit).where(audit.c.id.in_(old.order_by(audit.c.at).limit(limit)))).rowcount
