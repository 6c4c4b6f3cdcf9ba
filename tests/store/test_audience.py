"""Those of one process who wait for jobs on PostgreSQL: many hear by one connection, whoever of them comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest
from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable
from rota.store import Store
from rota.store.audience import Audience
from rota.store.wakeups import Wakeups, wake_waiters, wakeups_of
from rota.store.words import Words
from rota.testing import make_store
from tests.support.beside import Side
from tests.support.postgres import PostgresServer
from tests.support.waiting import wait_for

LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    made = make_store(postgres_url)
    yield made
    made.close()


def listening(store: Store) -> int:
    """How many connections of this database listen."""
    with store.read() as tx:
        return int(tx.execute(text(LISTENING)).scalar_one())


def say(store: Store) -> None:
    with store.write() as tx:
        wake_waiters(tx)


def hear_something(wakeups: Wakeups) -> bool:
    return bool(wait_for(wakeups.wait))


def quiet(*all_of_them: Wakeups) -> None:
    """Take the wake-ups that come from the beginning."""
    while any(wakeups.wait(0.01) for wakeups in all_of_them):
        pass


def test_many_hear_by_one_connection_and_the_last_one_closes_it(store: Store) -> None:
    many = [wakeups_of(store) for _ in range(40)]
    quiet(*many)
    sides = [Side(partial(hear_something, wakeups)) for wakeups in many]
    assert listening(store) == 1
    say(store)
    assert all(side.result() for side in sides)
    for wakeups in many:
        assert listening(store) == 1
        wakeups.close()
    assert wait_for(lambda: listening(store) == 0)


def test_when_the_one_who_listens_goes_another_one_does(store: Store) -> None:
    first, second = wakeups_of(store), wakeups_of(store)
    quiet(first, second)
    side = Side(lambda: hear_something(second))
    first.close()
    say(store)
    assert side.result()
    second.close()


def test_what_is_said_while_nobody_listens_is_heard_by_all(store: Store) -> None:
    first, second = wakeups_of(store), wakeups_of(store)
    quiet(first, second)
    say(store)
    assert hear_something(first)
    assert second.wait(0.0), "told by the other one, without a turn of its own"
    first.close()
    second.close()


def test_one_who_comes_while_others_listen_hears_what_is_said_from_then_on(store: Store) -> None:
    with closing(wakeups_of(store)) as first:
        quiet(first)
        with closing(wakeups_of(store)) as second:
            assert not second.wait(0.0)
            say(store)
            assert hear_something(second)


def test_all_hear_again_after_the_server_restarted(store: Store, postgres_server: PostgresServer) -> None:
    first, second = wakeups_of(store), wakeups_of(store)
    quiet(first, second)
    postgres_server.kill()
    with pytest.raises(DatabaseUnavailable):
        first.wait()
    with pytest.raises(DatabaseUnavailable):
        second.wait()
    postgres_server.start()
    assert first.wait(), "what was missed is unknown: look"
    assert second.wait()
    first.close()
    second.close()


def test_who_cannot_say_something_now_has_it_said_by_the_one_who_listens(store: Store) -> None:
    audience = Audience(store, ["here"])
    with closing(Words(store, ["there"])) as outside, closing(audience.join()) as first:
        outside.hear(0.0)
        first.hear(0.0)
        with audience._own_turn() as mine:
            assert mine
            first.say("there")
            assert not outside.hear(0.05)
        first.hear(0.0)
        assert wait_for(lambda: outside.hear(0.1)) == {("there", "")}


def test_a_forked_process_has_a_connection_of_its_own(store: Store) -> None:
    audience = Audience(store, ["here"])
    with closing(audience.join()) as first:
        first.hear(0.0)
        parents = audience._words
        audience.forked()
        with closing(audience.join()) as second, closing(Words(store)) as outside:
            assert second.hear(0.0), "the first time, what was said before is unknown"
            outside.say("here")
            assert wait_for(lambda: second.hear(0.1)) == {("here", "")}
            assert parents.hear(1.0) == {("here", "")}, "the parent's is as it was"
    parents.close()
