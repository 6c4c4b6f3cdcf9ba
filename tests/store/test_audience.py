"""Those of one process who wait for jobs: many hear by one connection, whoever of them comes and goes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import Context
from functools import partial
from itertools import count
from types import FrameType

import pytest
from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable
from rota.model.states import State
from rota.model.transitions import Next
from rota.runtime.stopping import Abandoned, Abandonment, abandoned_by
from rota.store import Store
from rota.store import audience as audience_module
from rota.store.audience import Audience
from rota.store.changes import Changes
from rota.store.waiters import Waiter, waiter_of
from rota.store.wakeups import wake_waiters
from rota.store.words import Words
from rota.testing import make_store
from tests.support.beside import Side
from tests.support.postgres import PostgresServer
from tests.support.stored import add_node, end, ending, insert, new_job, running
from tests.support.waiting import PATIENCE, wait_for

COMPLETED = Next(state=State.COMPLETED, restarts=0)

LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


@pytest.fixture
def kept(postgres_url: str) -> Iterator[Store]:
    made = make_store(postgres_url)
    yield made
    made.close()


def listening(store: Store) -> int:
    """How many connections to this database listen, or on SQLite read its version counter."""
    if store.is_sqlite:  # which keeps the files of closed connections open while it has others
        return sum(isinstance(each, Changes) and each._connection is not None for each in gc.get_objects())
    with store.read() as tx:
        return int(tx.execute(text(LISTENING)).scalar_one())


def say(store: Store) -> None:
    insert(store, new_job())
    with store.write() as tx:
        wake_waiters(tx)


def hear_something(wakeups: Waiter) -> bool:
    return bool(wait_for(wakeups.wait))


def audience_of(store: Store) -> Audience:
    assert store.audience is not None
    return store.audience


def quiet(*all_of_them: Waiter) -> None:
    """Take the wake-ups that come from the beginning."""
    while any(wakeups.wait(0.0) for wakeups in all_of_them):
        pass


@contextmanager
def own_turn(audience: Audience) -> Iterator[None]:
    """As while somebody else listens."""
    assert not audience._is_taken
    audience._is_taken = True
    yield
    audience._is_taken = False
    audience._end_turn()


def test_many_hear_by_one_connection_and_the_last_one_closes_it(store: Store) -> None:
    many = [waiter_of(store) for _ in range(40)]
    quiet(*many)
    sides = [Side(partial(hear_something, wakeups)) for wakeups in many]
    assert listening(store) == 1
    say(store)
    assert all(side.result() for side in sides)
    for wakeups in many:
        assert listening(store) == 1
        wakeups.close()
    assert wait_for(lambda: listening(store) == 0)


def asleep(audience: Audience) -> int:
    return len(audience._asleep)


def test_of_those_who_sleep_one_is_woken_to_listen_and_the_others_when_something_is_said(store: Store) -> None:
    many, awake = [waiter_of(store) for _ in range(20)], waiter_of(store)
    quiet(awake, *many)
    audience = audience_of(store)
    with own_turn(audience):
        sides = [Side(partial(waiter.wait, PATIENCE)) for waiter in many]
        assert wait_for(lambda: asleep(audience) == 20)
    assert wait_for(lambda: asleep(audience) == 19)
    say(store)
    assert hear_something(awake)
    assert sorted(bool(side.result()) for side in sides) == [False] + [True] * 19
    for waiter in (awake, *many):
        waiter.close()


def test_whoever_leaves_wakes_another(store: Store) -> None:
    many = [waiter_of(store) for _ in range(20)]
    quiet(*many)

    def wait_once(waiter: Waiter) -> None:
        with closing(waiter):
            waiter.wait(PATIENCE)

    with own_turn(audience_of(store)):
        sides = [Side(partial(wait_once, waiter)) for waiter in many]
        assert wait_for(lambda: asleep(audience_of(store)) == 20)
    for side in sides:
        side.result()


def test_who_sleeps_is_woken_when_nobody_wants_to_know_any_more(store: Store) -> None:
    abandonment = Abandonment()

    def wait_until_abandoned(waiter: Waiter) -> None:
        abandoned_by.set(abandonment)
        while True:
            waiter.wait(PATIENCE)

    with closing(waiter_of(store)) as waiter:
        quiet(waiter)
        with own_turn(audience_of(store)):
            side = Side(lambda: Context().run(wait_until_abandoned, waiter))
            assert wait_for(lambda: asleep(audience_of(store)) == 1)
            abandonment.abandon()
            with pytest.raises(Abandoned):
                side.result()


def test_who_waits_for_the_ends_of_jobs_hears_of_nothing_else(store: Store) -> None:
    add_node(store)
    lease = running(store)
    mine = {lease.attempt.job}
    with closing(waiter_of(store)) as curious, closing(waiter_of(store)) as patient:
        quiet(curious, patient)
        assert not patient.wait(0.0, mine)
        say(store)
        assert hear_something(curious)
        assert not patient.wait(0.0, mine)
        end(store, ending(lease, COMPLETED))
        say(store)
        assert hear_something(curious)
        assert patient.wait(0.0, mine)


def test_who_waits_for_a_job_that_is_removed_looks_as_well(store: Store) -> None:
    with closing(waiter_of(store)) as curious, closing(waiter_of(store)) as patient:
        quiet(curious, patient)
        assert not patient.wait(0.0, {"gone"})
        say(store)
        assert hear_something(curious)
        assert patient.wait(0.0, {"gone"})


def test_when_the_one_who_listens_goes_another_one_does(store: Store) -> None:
    first, second = waiter_of(store), waiter_of(store)
    quiet(first, second)
    side = Side(lambda: hear_something(second))
    first.close()
    say(store)
    assert side.result()
    second.close()


def interrupt(number: int) -> None:
    """Raise `KeyboardInterrupt` as signals do: where a function of the audience begins, after `number` others."""
    ahead = count(number, -1)

    def raise_at_entry(frame: FrameType, event: str, _of: object) -> None:
        if event == "call" and frame.f_code.co_filename == audience_module.__file__ and next(ahead) == 0:
            raise KeyboardInterrupt

    sys.setprofile(raise_at_entry)


def wait_and_leave(store: Store, number: int) -> bool:
    """Whether it was interrupted; it leaves the audience in any case."""
    with closing(waiter_of(store)) as waiter:
        try:
            interrupt(number)
            waiter.say_waiting()
            waiter.wait(0.0)
            waiter.close()
        except KeyboardInterrupt:
            return True
        finally:
            sys.setprofile(None)
    return False


def test_others_hear_whenever_one_who_waits_is_interrupted(store: Store) -> None:
    with closing(waiter_of(store)) as other:
        quiet(other)
        interrupted = 0
        while wait_and_leave(store, interrupted):
            interrupted += 1
            say(store)
            assert hear_something(other)
    assert interrupted > 8, "saying, waiting and leaving are each several functions"


def test_one_who_comes_later_hears_whenever_the_last_one_was_interrupted(store: Store) -> None:
    interrupted = 0
    while wait_and_leave(store, interrupted):
        interrupted += 1
        with closing(waiter_of(store)) as later:
            assert hear_something(later)
    assert interrupted > 8


def test_what_is_said_while_nobody_listens_is_heard_by_all(store: Store) -> None:
    first, second = waiter_of(store), waiter_of(store)
    quiet(first, second)
    say(store)
    assert hear_something(first)
    assert second.wait(0.0), "told by the other one, without a turn of its own"
    first.close()
    second.close()


def test_one_who_comes_while_others_listen_hears_what_is_said_from_then_on(store: Store) -> None:
    with closing(waiter_of(store)) as first:
        quiet(first)
        with closing(waiter_of(store)) as second:
            assert not second.wait(0.0)
            say(store)
            assert hear_something(second)


def test_all_hear_again_after_the_server_restarted(kept: Store, postgres_server: PostgresServer) -> None:
    first, second = waiter_of(kept), waiter_of(kept)
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


def test_who_cannot_say_something_now_has_it_said_by_the_one_who_listens(kept: Store) -> None:
    audience = Audience(partial(Words, kept, ["here"]), set)
    with closing(Words(kept, ["there"])) as outside, closing(audience.join()) as first:
        outside.hear(0.0)
        first.hear(0.0)
        with own_turn(audience):
            first.say("there")
            assert not outside.hear(0.05)
        first.hear(0.0)
        assert wait_for(lambda: outside.hear(0.1)) == {("there", "")}


def test_a_forked_process_has_a_connection_of_its_own(kept: Store) -> None:
    audience = Audience(partial(Words, kept, ["here"]), set)
    with closing(audience.join()) as first:
        first.hear(0.0)
        parents = audience._source
        audience.forked()
        with closing(audience.join()) as second, closing(Words(kept)) as outside:
            assert second.hear(0.0), "the first time, what was said before is unknown"
            outside.say("here")
            assert wait_for(lambda: second.hear(0.1)) == {("here", "")}
            assert parents.hear(1.0) == {("here", "")}, "the parent's is as it was"
    parents.close()
