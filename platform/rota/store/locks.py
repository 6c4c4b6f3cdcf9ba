"""Locks: what keeps jobs from starting while somebody works on them."""

from __future__ import annotations

from sqlalchemy import select

from rota.store.connection import Transaction
from rota.store.tables import lock

CONFIGURATION = "configuration"
"""Held by an update while it changes definitions, and shared by every scheduler pass. Its row always exists."""


def hold_configuration(tx: Transaction) -> None:
    """Wait for every scheduler pass to end and keep new ones out until the transaction ends.

    SQLite's write lock does that by itself.
    """
    tx.execute(select(lock.c.name).where(lock.c.name == CONFIGURATION).with_for_update())


def share_configuration(tx: Transaction) -> None:
    """Wait for an update in progress, and keep new ones out until the transaction ends."""
    tx.execute(select(lock.c.name).where(lock.c.name == CONFIGURATION).with_for_update(read=True))
