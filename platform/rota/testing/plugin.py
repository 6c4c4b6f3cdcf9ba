"""The pytest plugin: found by itself where Rota is installed. Nothing of Rota is loaded before a test asks for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rota.testing import SettableClock, TestPlatform


@pytest.fixture
def rota_clock() -> SettableClock:
    """A clock that stands still until the test moves it; it begins on Monday, 2 March 2026, at noon UTC."""
    from rota.testing import SettableClock

    return SettableClock()


@pytest.fixture
def rota_platform(rota_clock: SettableClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestPlatform]:
    """A platform on a database of its own, at `rota_clock`: `apply` a configuration, then `run_due`."""
    from rota.testing import TestPlatform

    path = list(sys.path)
    with TestPlatform(tmp_path_factory.mktemp("rota"), rota_clock) as platform:
        yield platform
    sys.path[:] = path  # a configuration's folders
