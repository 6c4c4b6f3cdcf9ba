"""A platform on an applied shop, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rota
from rota.app.facade import Platform
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An applied shop. Its module is imported into this process and must not stay."""
    made = Shop(tmp_path, f"sqlite:///{tmp_path}/rota.db")
    made.apply()
    path = list(sys.path)
    yield made
    sys.path[:] = path
    sys.modules.pop("shop_jobs", None)
    from rota.app.methods import _load

    _load.cache_clear()


@pytest.fixture
def platform(shop: Shop) -> Iterator[Platform]:
    """As an administrator with a name of her own."""
    with rota.connect(shop.database) as first:
        first.users.add("alice", role="administrator")
    with rota.connect(shop.database, user="alice") as connected:
        yield connected
