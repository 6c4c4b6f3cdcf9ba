"""The end of an attempt: judged, written behind its output, refused when the lease is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.engine.attempt import judge, settle
from rota.engine.live import Ended
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.transitions import Stop
from rota.store import Store, configurations, nodes, records
from rota.testing import SettableClock
from tests.support.node import Node
from tests.support.waiting import wait_for

Queue = Callable[..., str]
RETURNED = Outcome(end=End.RETURNED, result=1)
RAISED = Outcome(end=End.RAISED, error=ErrorInfo(type="ValueError", message="no"))
STOPPED = Outcome(end=End.STOPPED, error=ErrorInfo(type="JobCancelled", message="told to"))


def reported(node: Node) -> None:
    wait_for(lambda: len(node.engine.live._reported.ended) > 0)


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ((RETURNED, None), State.COMPLETED),
        ((RETURNED, Stop.REQUEST), State.COMPLETED),
        ((RAISED, None), State.WAITING),
        ((RAISED, Stop.REQUEST), State.CANCELLED),
        ((STOPPED, Stop.TIMEOUT), State.WAITING),
        ((STOPPED, Stop.COMPLETION), State.CANCELLED),
        ((STOPPED, Stop.SHUTDOWN), State.WAITING),
    ],
)
def test_an_end_is_judged_by_its_outcome_and_by_why_it_was_stopped(
    node: Node, queue: Queue, clock: SettableClock, end: tuple[Outcome, Stop | None], state: State
) -> None:
    outcome, stop = end
    queue("give", retry=RetryPolicy(count=1))
    node.run("dispatcher")
    (live,) = node.engine.live.all()
    ending = judge(Ended(live, clock.now(), outcome), clock.now(), stop)
    assert (ending.next.state, ending.job, ending.number, ending.node) == (state, live.id.job, 1, live.node)
    assert ending.next.restarts == (1 if state is State.WAITING and stop is not Stop.SHUTDOWN else 0)


def test_nothing_of_an_attempt_without_its_lease_is_written(
    node: Node, queue: Queue, store: Store, clock: SettableClock
) -> None:
    job = queue("say", parameters=[3])
    node.run("dispatcher")
    reported(node)
    with store.write() as tx:
        nodes.declare_lost(tx, node.engine.identity.incarnation, 0, clock.now())
    node.run("rescuer")
    with store.write() as tx:
        settled = settle(tx, node.engine.live.take_reported(), clock.now())
    assert (settled.endings, settled.emitted) == ([], [])
    assert [live.id.job for live in settled.refused] == [job]
    assert node.job(job).state is State.FAILED
    with store.read() as tx:
        assert [each.stream for each in records.of_job(tx, job)] == ["error"], "the rescuer wrote it"


def test_a_method_that_does_not_resolve_is_marked_until_it_runs(
    node: Node, apply: Callable[..., None], store: Store, clock: SettableClock
) -> None:
    every_hour = {"days_repeat_period": 1, "repeat_period_in_day": "1h"}
    apply({"job": {"method": "trial_jobs:there_is_none", "executor": "thread", "schedule": every_hour}})
    node.engine.directory.forget()
    node.run("scheduler")
    node.engine.dispatcher.look_everywhere()
    node.dispatch_until(lambda: bool(node.told("job.failed")))
    with store.read() as tx:
        (found,) = configurations.definitions(tx, "trial")
    assert "there_is_none" in (found.unresolved or "")


def test_a_failure_leaves_an_error_record(node: Node, queue: Queue, store: Store) -> None:
    job = queue("fail", parameters=["no luck"])
    node.finish(job)
    with store.read() as tx:
        (record,) = records.of_job(tx, job)
    assert record.stream == "error"
    assert isinstance(record.data, dict)
    assert (record.data["type"], record.data["message"]) == ("ValueError", "no luck")
