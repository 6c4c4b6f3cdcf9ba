"""Notes of missed occurrences: a scheduler pass adds them, people read them with their job, retention removes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import delete, insert, select

from rota.store.connection import Transaction
from rota.store.tables import missed


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Occurrences of one job that will never start: how many, from which to which, and why."""

    scheduled_job: str
    first_start: datetime
    last_start: datetime
    count: int
    reason: str
    at: datetime

    def to_data(self) -> dict[str, Any]:
        return asdict(self)


def newest(tx: Transaction, job_id: str, limit: int = 10) -> list[Missed]:
    """The newest notes of missed occurrences of a job."""
    query = select(missed).where(missed.c.scheduled_job == job_id).order_by(missed.c.id.desc()).limit(limit)
    return [Missed(**{k: v for k, v in row.items() if k != "id"}) for row in tx.execute(query).mappings()]


def add(tx: Transaction, notes: Sequence[Missed]) -> None:
    if notes:
        tx.execute(insert(missed), [asdict(note) for note in notes])


def forget_before(tx: Transaction, cutoff: datetime) -> int:
    """Remove the notes made before `cutoff`; returns how many."""
    return tx.execute(delete(missed).where(missed.c.at < cutoff)).rowcount
