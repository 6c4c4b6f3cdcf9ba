"""A platform on an applied shop, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import rota
from rota.app.facade import Platform
from tests.support.shop import Shop, shop_in_this_process


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An applied shop. Its module is imported into this process and does not stay. Alice is an administrator."""
    with shop_in_this_process(tmp_path, f"sqlite:///{tmp_path}/rota.db") as made:
        with rota.connect(made.database) as first:
            first.users.add("alice", role="administrator")
        yield made


@pytest.fixture
def platform(shop: Shop) -> Iterator[Platform]:
    """Alice's."""
    with rota.connect(shop.database, user="alice") as connected:
        yield connected
