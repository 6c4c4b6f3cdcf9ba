"""Those who wait for jobs: what becomes of them when their database does not stay what it is."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from rota.model.errors import DatabaseUnavailable
from rota.store import Store, waiters
from rota.store.waiters import waiter_of
from rota.testing import make_store
from tests.support.stored import add_node, running


def test_another_file_at_the_path_is_a_change_and_none_is_an_error(tmp_path: Path) -> None:
    file, other = tmp_path / "rota.db", tmp_path / "other.db"
    make_store(f"sqlite:///{other}").close()
    with closing(make_store(f"sqlite:///{file}")) as store, closing(waiter_of(store)) as waiter:
        while waiter.wait():
            pass
        other.rename(file)
        assert waiter.wait()
        assert not waiter.wait()
        file.unlink()
        with pytest.raises(DatabaseUnavailable, match="unable to open"):
            waiter.wait()


def test_jobs_beyond_number_are_looked_at_by_each_for_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_node(store)
    ids = [running(store).attempt.job for _ in range(2)]
    assert waiters._unfinished(store, ids) == set(ids)
    monkeypatch.setattr(waiters, "MOST_JOBS", 1)
    assert waiters._unfinished(store, ids) == set()
