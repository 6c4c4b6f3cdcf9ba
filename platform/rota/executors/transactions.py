"""The way from an executor to transactions, of which it knows no more than where they come from."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `import rota` in a method is to cost next to nothing
    from rota.model.attempt import Transactions, TransactionSource


class LazyTransactions:
    """Whoever runs methods has one; the database is not touched before a method asks."""

    def __init__(self, source: TransactionSource | None = None) -> None:
        self.source = source
        self._made: Transactions | None = None

    def get(self) -> Transactions:
        """Raises `RuntimeError` where there are none: on an event loop a transaction would hold up all others."""
        if self.source is None:
            raise RuntimeError("current_job.transaction() works in the executors process and thread only")
        if self._made is None:
            module, _, name = self.source.factory.partition(":")
            self._made = getattr(import_module(module), name)(self.source.url)
        return self._made

    def close(self) -> None:
        if self._made is not None:
            self._made.close()
