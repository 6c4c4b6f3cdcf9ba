"""Journeys: what people do with Rota, through the real command line, from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.store import Store, schema
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop whose configuration is written and not applied; its SQLite database does not exist yet."""
    return Shop(tmp_path, f"sqlite:///{tmp_path}/rota.db")


@pytest.fixture
def applied(shop: Shop) -> Shop:
    """A shop whose configuration is applied."""
    shop.apply()
    return shop


@pytest.fixture
def any_shop(tmp_path: Path, database_url: str) -> Shop:
    """An applied shop, once on each kind of database."""
    store = Store(database_url)
    schema.upgrade(store)
    store.close()
    made = Shop(tmp_path, database_url)
    made.apply()
    return made
