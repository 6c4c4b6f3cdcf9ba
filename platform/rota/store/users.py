"""Users: who jobs run as, and who acts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from rota.store.connection import Transaction
from rota.store.tables import user


def known(tx: Transaction, names: Iterable[str]) -> set[str]:
    """Those of `names` that are users."""
    return set(tx.execute(select(user.c.name).where(user.c.name.in_(set(names)))).scalars())
