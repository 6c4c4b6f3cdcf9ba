"""What machines run on, and how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from rota.store import Store
from rota.testing import make_store
from tests.machines.running import Run


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a machine: the same few examples each time, or with `--examples` so many others."""
    return Run(request.config.getoption("examples"))


@pytest.fixture
def hasty(store: Store) -> Store:
    """A database that does not wait for the disk: nobody pulls the plug here."""
    return _hasty(store)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """An SQLite database beside it."""
    made = make_store(f"sqlite:///{tmp_path}/other.db")
    yield _hasty(made)
    made.close()


def _hasty(store: Store) -> Store:
    if store.file is not None:
        event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        store._engine.dispose()  # connections that are open already
    return store
