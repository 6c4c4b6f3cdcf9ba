"""Writing by the driver alone promises what every other transaction does."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rota.model.background_job import NewJob
from rota.model.errors import DatabaseUnavailable
from rota.store import Store, background_jobs, new_jobs
from rota.store.tables import audit, background_job
from rota.testing import make_store
from tests.support.stored import new_job, start, stored


def test_a_start_that_fails_leaves_nothing_behind(store: Store) -> None:
    """Neither the job nor the act, whichever of the two it was that failed."""
    there = new_job()
    start(store, there)
    with pytest.raises(IntegrityError):
        start(store, new_job(), there)
    with store.write() as tx:
        tx.execute(text("ALTER TABLE rota_audit RENAME TO rota_hidden"))
    with pytest.raises(Exception, match="rota_audit"):
        start(store, new_job())
    with store.write() as tx:
        tx.execute(text("ALTER TABLE rota_hidden RENAME TO rota_audit"))
        assert [tx.execute(text(f"SELECT count(*) FROM {each}")).scalar() for each in (background_job, audit)] == [1, 1]


def test_the_next_transaction_knows_nothing_of_one_that_failed(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(KeyError):
            leave_in_the_middle(store)
    later = new_job()
    start(store, later)
    gone = new_job()
    with pytest.raises(KeyError):
        insert_and_fail(store, gone)
    with store.read() as tx:
        assert list(background_jobs.states(tx, [later.id, gone.id])) == [later.id]


def insert_and_fail(store: Store, job: NewJob) -> None:
    with store.write() as tx:
        new_jobs.insert_jobs(tx, [job], {job.id: "process"})
        raise KeyError


def leave_in_the_middle(store: Store) -> None:
    with store.write_by_driver() as tx:
        tx.execute(_SELECT, {"word": "never"})
        raise KeyError


@pytest.mark.parametrize("words", ["50 % of :it", "a\\b", "%(x)s", "'; --", "\U0001f980"])
def test_values_are_never_read_as_a_part_of_the_statement(store: Store, words: str) -> None:
    job = new_job(name=words, parameters=[words])
    start(store, job)
    found = stored(store, job.id)
    assert (found.name, found.parameters) == (words, [words])


def test_a_transaction_inside_another_has_a_connection_of_its_own(store: Store) -> None:
    inner, outer = new_job(), new_job()
    with store.write_by_driver() as tx:
        tx.execute(_SELECT, {"word": "outer"})
        if not store.is_sqlite:  # whose writers take turns
            start(store, inner)
    start(store, outer)
    assert stored(store, outer.id).id == outer.id
    assert store.is_sqlite or stored(store, inner.id).id == inner.id


def test_a_connection_that_writes_by_itself_comes_back_to_the_pool_as_it_was(postgres_url: str) -> None:
    store = make_store(postgres_url)
    with store.write_by_driver() as tx:
        tx.execute(_SELECT, {"word": "outer"})
        start(store, new_job())
    with pytest.raises(KeyError):
        insert_and_fail(store, gone := new_job())
    with store.read() as tx_:
        assert background_jobs.states(tx_, [gone.id]) == {}
    store.close()


def test_what_is_in_use_while_a_store_is_closed_is_not_used_again(store: Store) -> None:
    with store.write_by_driver() as tx:
        store.close()
        tx.execute(_SELECT, {"word": "still"})
    start(store, job := new_job())
    assert stored(store, job.id).id == job.id


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    store = Store("postgresql://ann:secret@127.0.0.1:1/db")
    with pytest.raises(DatabaseUnavailable, match=r"database postgresql\+psycopg://ann:\*\*\*@127\.0\.0\.1:1/db: "):
        start(store, new_job())


_SELECT = text("SELECT :word")
