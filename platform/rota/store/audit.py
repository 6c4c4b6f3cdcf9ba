"""The audit log: every act of a person or a program, written in the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from rota.store.connection import Transaction
from rota.store.tables import audit


def note(
    tx: Transaction, *, at: datetime, user: str, act: str, subject: str, details: Mapping[str, Any] | None = None
) -> None:
    """`act` is a verb phrase such as "override scheduled job"; `subject` names what it was done to."""
    tx.execute(
        insert(audit).values(at=at, user=user, act=act, subject=subject, details=dict(details) if details else None)
    )
