"""Whoever waits learns of what another process committed, soon and not for ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable, UsageError
from rota.store import Store, new_jobs, schema
from rota.store.changes import Changes
from rota.store.waiters import Waiter, waiter_of
from rota.store.wakeups import (
    Channel,
    Wakeups,
    Word,
    engine_wakeups_of,
    wake_dispatchers,
    wake_engines,
    wake_waiters,
)
from rota.store.words import Words
from tests.support.beside import Side
from tests.support.node import ON_POSTGRESQL
from tests.support.postgres import PostgresServer
from tests.support.store_process import Child
from tests.support.stored import insert, new_job
from tests.support.waiting import wait_for


@pytest.fixture
def kept(postgres_url: str) -> Store:
    store = Store(postgres_url)
    schema.upgrade(store)
    return store


def quiet(wakeups: Wakeups | Waiter) -> None:
    """Take the wake-ups that come from the beginning."""
    while wakeups.wait():
        pass


def test_a_commit_of_another_process_is_seen_soon(store: Store) -> None:
    wakeups = waiter_of(store)
    assert wakeups.wait(), "what happened before is unknown: look"
    quiet(wakeups)
    with Child("commit", store._url.render_as_string(hide_password=False)) as child:
        child.wait_ready()
        waiting = Side(lambda: wait_for(wakeups.wait) and time.monotonic())
        child.go()
        assert child.answer() is True
        committed = time.monotonic()
        seen = waiting.result()
    assert isinstance(seen, float)
    assert seen - committed < 5, "at once, even on a busy machine"
    assert not wakeups.wait()
    wakeups.close()


def test_what_is_rolled_back_wakes_nobody_and_many_calls_wake_once(store: Store) -> None:
    wakeups = waiter_of(store)
    quiet(wakeups)
    with pytest.raises(KeyError):
        wake_and_fail(store)
    assert not wakeups.wait()
    with store.write() as tx:
        insert_something(store, tx)
        for _ in range(3):
            wake_engines(tx)
    assert wait_for(wakeups.wait)
    assert not wakeups.wait()
    wakeups.close()


def insert_something(store: Store, tx: object) -> None:

    job = new_job()
    new_jobs.insert_jobs(tx, [job], {job.id: "process"})  # type: ignore[arg-type]


def wake_and_fail(store: Store) -> None:
    with store.write() as tx:
        insert_something(store, tx)
        wake_engines(tx)
        raise KeyError


def test_a_wait_ends_when_it_is_closed(store: Store) -> None:
    wakeups = waiter_of(store)
    quiet(wakeups)
    wakeups.close()
    assert not wakeups.wait()


def test_who_listens_hears_again_after_the_server_restarted(kept: Store, postgres_server: PostgresServer) -> None:
    wakeups = waiter_of(kept)
    quiet(wakeups)
    postgres_server.kill()
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="database postgresql"):
            wakeups.wait()
    postgres_server.start()
    assert wakeups.wait(), "what was missed is unknown: look"
    assert not wakeups.wait()
    insert(kept, new_job())
    with kept.write() as tx:
        wake_engines(tx)
    assert wait_for(wakeups.wait)
    wakeups.close()
    kept.close()


def test_a_database_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    changes = Changes(tmp_path / "rota.db")
    with pytest.raises(DatabaseUnavailable, match=r"rota\.db: unable to open database file"):
        changes.seen_one()
    changes.close()


@ON_POSTGRESQL
def test_without_listening_one_looks_now_and_then(store: Store) -> None:
    deaf = Store(store._url.render_as_string(hide_password=False) + "&listen=off")
    waiter, engine = waiter_of(deaf), engine_wakeups_of(deaf)
    waiter.say_waiting()
    for wakeups in (waiter, engine):
        assert wakeups.wait(), "as if something had changed"
        assert wakeups.wait(0.0)
        wakeups.close()
        assert not wakeups.wait(), "and no longer once it is closed"
    with deaf.read() as tx:
        assert tx.execute(text("SELECT 1")).scalar() == 1, "the driver has not seen the option"
    deaf.close()


def test_the_option_is_on_or_off() -> None:
    with pytest.raises(UsageError, match="listen is on or off, not 'maybe'"):
        Store("sqlite:///rota.db?listen=maybe")


def test_the_engine_hears_which_queues_have_new_jobs(store: Store) -> None:
    engine = engine_wakeups_of(store)
    quiet(engine)
    with store.write() as tx:
        insert_something(store, tx)
        wake_dispatchers(tx, ["process", "shop/four"])
    assert set(wait_for(engine.wait)) == {Word(Channel.QUEUES, "process"), Word(Channel.QUEUES, "shop/four")}
    engine.close()


@ON_POSTGRESQL
def test_words_are_heard_by_those_who_listen_for_them(store: Store) -> None:
    engine, waiter, words = engine_wakeups_of(store), waiter_of(store), Words(store, (Channel.WAITERS,))
    quiet(engine)
    quiet(waiter)
    assert words.hear(0.0) == {(Channel.WAITERS, "")}, "what was said before is unknown"
    words.say(Channel.ENDS)
    assert list(wait_for(waiter.wait)) == list(wait_for(engine.wait)) == [Word(Channel.ENDS)]
    waiter.say_waiting()
    assert wait_for(lambda: words.hear(0.1)) == {(Channel.WAITERS, "")}
    assert list(wait_for(engine.wait)) == [Word(Channel.WAITERS)]
    assert not waiter.wait(), "that somebody waits is not for those who wait"
    with store.write() as tx:
        wake_waiters(tx)
    assert wait_for(waiter.wait)
    for each in (engine, waiter, words):
        each.close()
