"""The audit log: every act of a person or a program, written in the transaction of the act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, select, text

from rota.model.acts import Audited
from rota.store.bulk import as_instant
from rota.store.columns import like, to_json, without_nul
from rota.store.connection import Transaction
from rota.store.driver import Writing
from rota.store.tables import audit


def note(tx: Writing, act: Audited) -> None:
    """Write an act into the log."""
    tx.execute(_NOTE, row(tx, act))


def row(tx: Writing, act: Audited) -> dict[str, Any]:
    """The parameters of `NOTE`."""
    return {
        "at_": as_instant(tx, act.at),
        "by_": act.user,
        "act_": act.act,
        "subject_": act.subject,
        "reason_": without_nul(act.reason),
        "facts_": to_json(act.facts),
    }


NOTE = """
    INSERT INTO rota_audit (at, "user", act, subject, reason, facts)
    SELECT :at_, :by_, :act_, :subject_, :reason_, :facts_
"""
"""A statement, or the beginning of one that says when to note."""

_NOTE = text(NOTE)


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
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
