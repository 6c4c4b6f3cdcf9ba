"""The stopper: deadlines and wishes, first politely, then by force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rota.model.errors import DatabaseUnavailable
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.transitions import Stop
from rota.store import Store, transitions
from rota.testing import SettableClock
from tests.support.node import Node, held, release

Queue = Callable[..., str]


def cancel(store: Store, clock: SettableClock, job: str, grace: float | None = None) -> None:
    with store.write() as tx:
        transitions.request_cancel(tx, job, by="tester", grace=grace, now=clock.now())


def test_with_nothing_running_it_asks_the_database_nothing(node: Node, clock: SettableClock) -> None:
    node.store.close()
    assert node.run("stopper").next_at == clock.now() + timedelta(seconds=5)


def test_a_timeout_counts_from_the_claim_by_the_monotonic_clock(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path
) -> None:
    job = held(queue, tmp_path, timeout=30)
    node.begin(job)
    clock.step(timedelta(hours=5))
    assert node.run("stopper").counts["stopping"] == 0
    clock.advance(29.9)
    assert node.run("stopper").next_at == clock.now() + timedelta(seconds=0.1)
    clock.advance(0.1)
    assert node.run("stopper").counts["stopping"] == 1
    (done,) = node.finish(job)
    assert (done.state, done.reason) == (State.FAILED, "timed out")
    assert [each.end for each in done.attempts] == ["stopped"]


@pytest.mark.parametrize(("on_timeout", "state"), [(True, State.WAITING), (False, State.FAILED)])
def test_a_timeout_is_restarted_if_the_policy_says_so(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path, *, on_timeout: bool, state: State
) -> None:
    job = held(queue, tmp_path, timeout=1, retry=RetryPolicy(count=1, interval=60, on_timeout=on_timeout))
    node.begin(job)
    clock.advance(1)
    node.run("stopper")
    assert node.finish(job)[0].state is state


def test_a_completion_interval_counts_from_the_first_begin(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path
) -> None:
    job = held(queue, tmp_path, completion_interval=60)
    node.begin(job)
    assert node.run("stopper").counts["stopping"] == 0
    clock.advance(60)
    node.run("stopper")
    (done,) = node.finish(job)
    assert (done.state, done.reason) == (State.CANCELLED, "its completion time was reached")


def test_a_run_is_stopped_at_its_completion_time(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path
) -> None:
    stop_at = clock.now() + timedelta(minutes=1)
    job = held(queue, tmp_path, stop_at=stop_at, completion_interval=3600, retry=RetryPolicy(count=9))
    node.begin(job)
    clock.set(stop_at - timedelta(seconds=2))
    assert node.run("stopper").next_at == stop_at
    clock.set(stop_at)
    node.run("stopper")
    (done,) = node.finish(job)
    assert (done.state, done.reason) == (State.CANCELLED, "its completion time was reached")


def test_a_running_job_is_cancelled_on_request(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    wanted, other = held(queue, tmp_path, retry=RetryPolicy(count=3)), held(queue, tmp_path)
    node.begin(wanted, other)
    cancel(store, clock, wanted)
    assert node.run("stopper").counts["stopping"] == 1
    (done,) = node.finish(wanted)
    assert (done.state, done.reason) == (State.CANCELLED, "cancelled on request")
    assert node.job(other).state is State.RUNNING
    release(tmp_path)
    node.finish(other)


def test_what_does_not_stop_within_its_grace_is_killed(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    job = queue("ignore_stops", parameters=[str(tmp_path)], executor="process")
    node.begin(job)
    cancel(store, clock, job, grace=3)
    stopping = node.run("stopper")
    assert (stopping.counts["stopping"], stopping.counts["killed"]) == (1, 0)
    assert stopping.next_at == clock.now() + timedelta(seconds=3)
    clock.advance(2.9)
    assert node.run("stopper").counts["killed"] == 0
    clock.advance(0.1)
    assert node.run("stopper").counts["killed"] == 1
    assert node.run("stopper").counts["killed"] == 0
    (done,) = node.finish(job)
    assert (done.state, done.reason) == (State.CANCELLED, "cancelled on request")


def test_no_grace_means_at_once(node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path) -> None:
    job = queue("ignore_stops", parameters=[str(tmp_path)], executor="process")
    node.begin(job)
    cancel(store, clock, job, grace=0)
    assert node.run("stopper").counts["killed"] == 1
    assert node.finish(job)[0].state is State.CANCELLED


def test_the_first_reason_stands_but_a_request_outranks_it(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    job = queue("ignore_stops", parameters=[str(tmp_path)], executor="process", timeout=1, completion_interval=2)
    node.begin(job)
    (live,) = node.engine.live.all()
    reasons: list[Stop | None] = []
    for _ in range(2):
        clock.advance(1)
        node.run("stopper")
        reasons.append(live.stop)
    node.engine.stopper.stop_all(Stop.SHUTDOWN, 60)
    reasons.append(live.stop)
    cancel(store, clock, job)
    node.run("stopper")
    reasons.append(live.stop)
    assert reasons == [Stop.TIMEOUT, Stop.TIMEOUT, Stop.TIMEOUT, Stop.REQUEST]
    assert len(node.told("job.stopping")) == 1
    clock.advance(10)
    node.run("stopper")
    (done,) = node.finish(job)
    assert (done.state, done.reason) == (State.CANCELLED, "cancelled on request")


def test_the_shortest_grace_counts(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    job = queue("ignore_stops", parameters=[str(tmp_path)], executor="process")
    node.begin(job)
    cancel(store, clock, job, grace=600)
    node.run("stopper")
    node.engine.stopper.stop_all(Stop.SHUTDOWN, 5)
    clock.advance(5)
    assert node.run("stopper").counts["killed"] == 1
    assert node.finish(job)[0].reason == "cancelled on request"


def test_a_method_that_returns_all_the_same_has_completed(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    job = queue("give", parameters=["done"])
    node.run("dispatcher")
    cancel(store, clock, job)
    node.run("stopper")
    assert node.finish(job)[0].state in {State.COMPLETED, State.CANCELLED}


def test_a_deadline_holds_while_the_database_is_away(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue("ignore_stops", parameters=[str(tmp_path)], executor="process", timeout=5)
    node.begin(job)

    def away() -> None:
        raise DatabaseUnavailable("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(node.store, "read", away)
        for span in (5, 10):
            clock.advance(span)
            with pytest.raises(DatabaseUnavailable):
                node.run("stopper")
    assert node.finish(job)[0].reason == "timed out"


def test_a_run_is_stopped_in_the_executor_that_it_began_in(
    node: Node, queue: Queue, apply: Callable[..., None], clock: SettableClock, tmp_path: Path
) -> None:
    apply(executors={"own": {"kind": "thread", "workers": 1}, "going": {"kind": "thread", "workers": 1}})
    node.engine.directory.forget()
    changed, gone = held(queue, tmp_path, executor="own", timeout=5), held(queue, tmp_path, executor="going", timeout=5)
    node.begin(changed, gone)
    apply(executors={"own": {"kind": "thread", "workers": 2}})
    node.engine.directory.forget()
    clock.advance(5)
    assert node.run("stopper").counts["stopping"] == 2
    assert [each.reason for each in node.finish(changed, gone)] == ["timed out", "timed out"]
