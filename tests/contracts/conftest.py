"""Fixtures of the contract suites: a platform on each kind of database, with and without an engine."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from rota.app.facade import Platform
from rota.store import Store
from tests.support.workshop import make_platform


@pytest.fixture
def platform(store: Store) -> Iterator[Platform]:
    """The workshop, with nobody who runs an engine. Its module is imported into this process and must not stay."""
    path = list(sys.path)
    yield make_platform(store)
    sys.path[:] = path
    sys.modules.pop("work_jobs", None)
    from rota.app.methods import _load

    _load.cache_clear()


@pytest.fixture
def workshop(platform: Platform) -> Iterator[Platform]:
    """The workshop with an engine running in this process."""
    with platform.engine(grace=0.0):
        yield platform
