"""Journeys: what people do with Rota, through the real command line, from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

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
