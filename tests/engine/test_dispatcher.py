"""The dispatcher: claims by free slots, has ends stored in the same pass, and loses nothing when a pass fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select

from rota.engine.dispatcher import POLL, SOON, UNKNOWN_FOR
from rota.model.errors import DatabaseUnavailable
from rota.model.event import Event
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.store import Store, claims, nodes, records, transitions
from rota.store.tables import background_job
from rota.testing import SettableClock, queue_job
from tests.support.node import ON_POSTGRESQL, Node, held, release
from tests.support.statements import statements, writes
from tests.support.stored import breaking
from tests.support.trial import trial_jobs
from tests.support.waiting import wait_for

TWO = {"two": {"kind": "thread", "workers": 2}}


def updates(seen: list[str]) -> list[str]:
    """The statements that change jobs, in their order."""
    return [statement for statement in seen if "UPDATE rota_background_job" in statement]


def test_a_queued_job_is_run_to_its_end(node: Node, queue: Callable[..., str]) -> None:
    job = queue("give", parameters={"value": [1, 2]})
    (done,) = node.finish(job)
    assert (done.state, done.result, done.attempt) == (State.COMPLETED, [1, 2], 1)
    assert [(each.number, each.end) for each in done.attempts] == [(1, "returned")]
    assert [facts["job"] for facts in node.told("job.started")] == [job]
    assert [facts["job"] for facts in node.told("job.completed")] == [job]
    assert len(node.engine.live) == 0


def test_a_job_runs_in_a_worker_process_and_as_a_command(
    node: Node, store: Store, clock: SettableClock, queue: Callable[..., str]
) -> None:
    method = queue("give", executor="process", parameters=["there"])
    command = queue_job(store, now=clock.now(), command=("echo", "hello"))
    done = node.finish(method, command)
    assert [each.result for each in done] == ["there", {"exit_code": 0}]
    with store.read() as tx:
        first = records.of_job(tx, command)[0]
    assert (first.stream, first.data) == ("stdout", "hello\n")


def test_it_claims_what_it_has_free_slots_for(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], tmp_path: Path
) -> None:
    apply(executors=TWO)
    node.engine.directory.forget()
    jobs = [held(queue, tmp_path, executor="two") for _ in range(5)]
    assert node.run("dispatcher").counts["claimed"] == 2
    assert node.run("dispatcher").counts["claimed"] == 0
    assert [node.job(job).state for job in jobs] == ["running"] * 2 + ["queued"] * 3
    release(tmp_path)
    assert {done.state for done in node.finish(*jobs)} == {State.COMPLETED}


def test_a_full_queue_does_not_keep_another_one_waiting(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], tmp_path: Path
) -> None:
    apply(executors=TWO)
    node.engine.directory.forget()
    blocked = [held(queue, tmp_path, executor="two", priority=9) for _ in range(3)]
    node.run("dispatcher")
    (done,) = node.finish(queue("give"))
    assert done.state is State.COMPLETED
    assert [node.job(job).state for job in blocked] == ["running", "running", "queued"]
    release(tmp_path)
    node.finish(*blocked)


def test_a_pass_begins_the_next_job_and_stores_the_end_of_the_one_before(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], tmp_path: Path
) -> None:
    first, second = two_in_turn(node, apply, queue, tmp_path)
    counts = node.run("dispatcher").counts
    assert (counts["settled"], counts["claimed"]) == (1, 1)
    assert [node.job(job).state for job in (first, second)] == ["completed", "running"]
    assert [event.name for event in node.heard[-2:]] == ["job.started", "job.completed"]
    release(tmp_path)
    node.finish(second)


@ON_POSTGRESQL
def test_a_job_begins_although_the_end_of_the_one_before_cannot_be_stored_yet(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], store: Store, tmp_path: Path
) -> None:
    first, second = two_in_turn(node, apply, queue, tmp_path)
    passing = Thread(target=node.run, args=["dispatcher"])
    with store.write() as tx:
        tx.execute(select(background_job.c.id).where(background_job.c.id == first).with_for_update())
        passing.start()
        wait_for(lambda: [live.lease.attempt.job for live in node.engine.live.all() if live.began_at][1:] == [second])
        assert [node.job(job).state for job in (first, second)] == ["running", "running"]
    passing.join()
    assert node.job(first).state is State.COMPLETED
    release(tmp_path)
    node.finish(second)


def two_in_turn(node: Node, apply: Callable[..., None], queue: Callable[..., str], folder: Path) -> tuple[str, str]:
    """Two jobs for one slot: the first has just ended, and the second waits."""
    apply(executors={"one": {"kind": "thread", "workers": 1}})
    node.engine.directory.forget()
    first, second = queue("give", executor="one"), held(queue, folder, executor="one")
    node.run("dispatcher")
    node.wait_for_report()
    return first, second


def test_an_end_claims_nothing_where_there_were_slots_for_all_that_was_due(
    node: Node, queue: Callable[..., str], store: Store
) -> None:
    queue("give")
    node.run("dispatcher")
    node.wait_for_report()
    with statements(store) as seen:
        assert node.run("dispatcher").counts["settled"] == 1
    assert len(updates(seen)) == 1


def test_a_word_about_a_full_queue_is_kept_until_a_slot_is_free(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], tmp_path: Path
) -> None:
    apply(executors={"one": {"kind": "thread", "workers": 1}})
    node.engine.directory.forget()
    first = held(queue, tmp_path, executor="one")
    node.begin(first)
    assert node.run("dispatcher").counts == {}
    second = queue("give", executor="one")
    (busy,) = node.engine.live.all()
    node.engine.dispatcher.look_into({busy.lease.queue})
    assert node.run("dispatcher").counts["claimed"] == 0
    release(tmp_path)
    node.finish(first, second)


def test_the_highest_priority_goes_first_then_the_longest_due_then_the_oldest(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], clock: SettableClock
) -> None:
    apply(executors={"one": {"kind": "thread", "workers": 1}})
    node.engine.directory.forget()
    earlier = clock.now() - timedelta(seconds=5)
    order = [
        queue("give", executor="one", name="third"),
        queue("give", executor="one", name="fourth"),
        queue("give", executor="one", name="second", due_at=earlier),
        queue("give", executor="one", name="first", priority=1),
    ]
    node.finish(*order)
    assert [facts["name"] for facts in node.told("job.started")] == ["first", "second", "third", "fourth"]


def test_a_job_is_not_begun_before_it_is_due(node: Node, queue: Callable[..., str], clock: SettableClock) -> None:
    due = clock.now() + timedelta(seconds=3)
    job = queue("give", due_at=due)
    assert node.run("dispatcher").next_at == due
    clock.advance(2.999)
    assert node.run("dispatcher").counts == {}
    clock.advance(0.001)
    (done,) = node.finish(job)
    assert done.begin_at == due


def test_a_pass_with_nothing_to_do_writes_nothing(node: Node, store: Store, clock: SettableClock) -> None:
    node.run("dispatcher")
    with statements(store) as seen:
        done = node.run("dispatcher")
    assert done.counts == {}
    assert writes(seen) == []
    assert len(seen) <= 5
    assert done.next_at == clock.now() + timedelta(seconds=5)


def test_a_word_about_a_queue_has_it_claimed_from_before_anything_else_is_looked_at(
    node: Node, store: Store, queue: Callable[..., str], clock: SettableClock
) -> None:
    node.run("dispatcher")
    jobs = [queue("give"), queue("give", executor="process"), queue("give", due_at=clock.now() + timedelta(seconds=1))]
    node.engine.dispatcher.look_into({"thread"})
    with statements(store) as seen:
        named = node.run("dispatcher")
    assert (named.counts["claimed"], named.next_at) == (1, clock.now() + SOON)
    assert len(writes(seen)) <= 1
    assert "min(" not in "".join(seen), "nobody asked what else there may be"
    node.wait_for_report()
    rest = node.run("dispatcher")
    assert rest.counts["settled"] == 1
    clock.advance(UNKNOWN_FOR.total_seconds())
    node.finish(jobs[1])
    assert node.run("dispatcher").next_at == node.job(jobs[2]).due_at


def test_words_that_never_end_keep_nobody_from_looking_further(
    node: Node, queue: Callable[..., str], clock: SettableClock
) -> None:
    node.run("dispatcher")
    job = queue("give", executor="process")
    node.engine.dispatcher.look_into({"thread"})
    assert node.run("dispatcher").counts["claimed"] == 0
    clock.advance(UNKNOWN_FOR.total_seconds())
    node.engine.dispatcher.look_into({"thread"})
    assert node.run("dispatcher").counts["claimed"] == 0, "new jobs go first"
    clock.advance(UNKNOWN_FOR.total_seconds())
    node.engine.dispatcher.look_into({"thread"})
    assert node.run("dispatcher").counts["claimed"] == 1
    node.finish(job)


def test_a_failed_method_is_restarted_as_its_policy_says(
    node: Node, queue: Callable[..., str], clock: SettableClock
) -> None:
    job = queue("fail_at_first", parameters=[2], retry=RetryPolicy(count=2, interval=10, backoff=1))
    (waiting,) = node.finish(job)
    assert (waiting.state, waiting.reason) == (State.WAITING, "ConnectionError: attempt 1 fails")
    assert waiting.due_at == clock.now() + timedelta(seconds=10)
    assert node.run("dispatcher").counts == {}
    for _ in range(2):
        clock.advance(10)
        node.run("dispatcher")
        (done,) = node.finish(job)
    assert (done.state, done.result, done.attempt) == (State.COMPLETED, 3, 3)
    assert [each.end for each in done.attempts] == ["raised", "raised", "returned"]


def test_no_attempt_is_made_beyond_the_restarts(node: Node, queue: Callable[..., str], clock: SettableClock) -> None:
    job = queue("fail", retry=RetryPolicy(count=1))
    node.dispatch_until(lambda: node.job(job).finished)
    done = node.job(job)
    assert (done.state, done.attempt, len(done.attempts)) == (State.FAILED, 2, 2)
    assert done.error is not None
    assert (done.error.type, done.error.message) == ("ValueError", "it went wrong")


def test_a_job_that_could_not_begin_before_its_completion_time_is_cancelled(
    node: Node, queue: Callable[..., str], clock: SettableClock
) -> None:
    stop_at = clock.now() + timedelta(minutes=1)
    job = queue("give", due_at=stop_at + timedelta(minutes=1), stop_at=stop_at)
    assert node.run("dispatcher").next_at == clock.now() + timedelta(seconds=5)
    clock.set(stop_at)
    assert node.run("dispatcher").counts["overdue"] == 1
    done = node.job(job)
    assert (done.state, done.reason) == (State.CANCELLED, "its completion time was reached before it could run")


def test_output_is_there_when_the_state_is(node: Node, queue: Callable[..., str], store: Store) -> None:
    job = queue("say", parameters=[25])
    node.finish(job)
    with store.read() as tx:
        stored = records.of_job(tx, job)
    assert [each.number for each in stored] == list(range(1, 27))
    assert [each.data for each in stored] == ["word"] * 25 + [25]


def test_output_of_a_running_job_is_stored_when_its_timer_fires(
    node: Node, queue: Callable[..., str], store: Store, clock: SettableClock
) -> None:
    job = queue("tell_progress", parameters=[0.5, "half"])
    node.run("dispatcher")
    wait_for(lambda: "records" in node.timer.waiting)
    assert node.timer.waiting["records"] - clock.now() == timedelta(milliseconds=100)
    (done,) = node.finish(job)
    assert (done.progress.fraction, done.progress.text) == (0.5, "half")


def test_text_that_postgresql_cannot_keep_ends_the_job_and_not_the_engine(
    node: Node, queue: Callable[..., str]
) -> None:
    failing = queue("fail", parameters=["nul \0 inside"])
    saying = queue("give", parameters=["nul \0 inside"])
    telling = queue("tell_progress", parameters=[0.5, "nul \0 inside"])
    failed, said, told = node.finish(failing, saying, telling)
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert "nul" in failed.error.message
    assert (said.state, said.result) == (State.COMPLETED, "nul \0 inside")
    assert told.state is State.COMPLETED


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_failed_pass_loses_no_end_and_no_output(
    node: Node, queue: Callable[..., str], store: Store, *, after_commit: bool
) -> None:
    job = queue("say", parameters=[3])
    node.run("dispatcher")
    wait_for(lambda: len(node.engine.live._reported.ended) == 1)
    with breaking(store, after_commit=after_commit):
        with pytest.raises(DatabaseUnavailable):
            node.run("dispatcher")
        node.run("dispatcher")
    assert node.job(job).state is State.COMPLETED
    assert len(node.engine.live) == 0
    with store.read() as tx:
        assert [each.data for each in records.of_job(tx, job)] == ["word"] * 3 + [3]


def test_a_pass_that_cannot_even_read_loses_no_end(
    node: Node, queue: Callable[..., str], clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue("give")
    node.run("dispatcher")
    wait_for(lambda: len(node.engine.live._reported.ended) == 1)

    def away() -> None:
        raise DatabaseUnavailable("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(node.store, "read", away)
        patched.setattr(node.store, "write", away)
        clock.advance(10)  # what is known of the configurations is too old by now
        with pytest.raises(DatabaseUnavailable):
            node.run("dispatcher")
    node.run("dispatcher")
    assert node.job(job).state is State.COMPLETED


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_failed_pass_loses_no_claim(
    node: Node, queue: Callable[..., str], store: Store, tmp_path: Path, *, after_commit: bool
) -> None:
    jobs = [held(queue, tmp_path) for _ in range(3)]
    with breaking(node.claims_store, after_commit=after_commit):
        with pytest.raises(DatabaseUnavailable):
            node.run("dispatcher")
        assert len(node.engine.live) == 0
        assert node.run("dispatcher").counts["claimed"] == 3
    release(tmp_path)
    done = node.finish(*jobs)
    assert [(each.state, each.attempt) for each in done] == [(State.COMPLETED, 1)] * 3
    assert (tmp_path / "journal").read_text().count("begin") == 3


def test_a_claim_that_committed_by_itself_and_failed_is_carried_out_once(
    node: Node, queue: Callable[..., str], store: Store, tmp_path: Path
) -> None:
    node.run("dispatcher")
    job = held(queue, tmp_path)
    node.engine.dispatcher.look_into({"thread"})
    with breaking(node.claims_store, after_commit=True, how="write_by_driver"), pytest.raises(DatabaseUnavailable):
        node.run("dispatcher")
    assert (node.job(job).state, len(node.engine.live)) == (State.RUNNING, 0)
    assert [node.run("dispatcher").counts.get("claimed", 0) for _ in range(2)] == [1, 0]
    release(tmp_path)
    (done,) = node.finish(job)
    assert (done.state, done.attempt) == (State.COMPLETED, 1)


def test_a_claim_that_a_server_commits_long_after_its_client_was_gone_is_carried_out(
    node: Node, queue: Callable[..., str], store: Store, clock: SettableClock
) -> None:
    node.run("dispatcher")
    node.engine.dispatcher.look_into({"thread"})
    with breaking(node.claims_store, after_commit=False, how="write_by_driver"), pytest.raises(DatabaseUnavailable):
        node.run("dispatcher")
    failed_at = clock.now()
    clock.advance(POLL.total_seconds())
    assert node.run("dispatcher").counts["claimed"] == 0
    job = queue("give")
    with store.write() as tx:
        claims.claim(tx, node=node.engine.identity.incarnation, queue="thread", limit=1, now=failed_at, paths={})
    clock.advance(POLL.total_seconds())
    assert node.finish(job)[0].state is State.COMPLETED


def test_attempts_that_were_let_go_do_not_come_to_light(
    node: Node, queue: Callable[..., str], store: Store, tmp_path: Path, clock: SettableClock
) -> None:
    node.begin(held(queue, tmp_path))
    clock.advance(1)
    node.engine.dispatcher.look_everywhere()
    queue("give")
    with breaking(node.claims_store, after_commit=True), pytest.raises(DatabaseUnavailable):
        node.run("dispatcher")
    node.engine.live.drop_all()
    assert node.run("dispatcher").counts["claimed"] == 1
    release(tmp_path)


def test_a_job_of_a_configuration_applied_a_moment_ago_finds_its_module(
    node: Node, apply: Callable[..., None], store: Store, clock: SettableClock
) -> None:
    node.engine.directory.configurations()
    apply(name="brand-new")
    job = queue_job(store, now=clock.now(), method="trial_jobs:give", configuration="brand-new")
    claimed = node.engine.dispatcher._claim(node.engine.live.take_reported(), ())
    assert [(lease.attempt.job, lease.attempt.path) for lease in claimed.leases] == [(job, (trial_jobs.FOLDER,))]


@ON_POSTGRESQL
def test_a_node_that_was_declared_lost_claims_nothing(
    node: Node, queue: Callable[..., str], store: Store, clock: SettableClock
) -> None:
    job = queue("give")
    with store.write() as tx:
        nodes.declare_lost(tx, node.engine.identity.incarnation, 0, clock.now())
    assert node.run("dispatcher").counts["claimed"] == 0
    assert node.job(job).state is State.QUEUED
    node.run("heartbeat")
    assert node.finish(job)[0].state is State.COMPLETED


def test_after_it_stopped_claiming_it_still_settles(node: Node, queue: Callable[..., str], tmp_path: Path) -> None:
    running = held(queue, tmp_path)
    node.begin(running)
    node.engine.dispatcher.stop_claiming()
    queued = queue("give")
    release(tmp_path)
    assert node.finish(running)[0].state is State.COMPLETED
    assert node.job(queued).state is State.QUEUED


def test_a_cancellation_that_the_stopper_has_not_seen_is_not_followed_by_a_restart(
    node: Node, queue: Callable[..., str], store: Store, clock: SettableClock
) -> None:
    job = queue("fail", retry=RetryPolicy(count=5))
    node.run("dispatcher")
    with store.write() as tx:
        transitions.request_cancel(tx, job, by="tester", grace=None, now=clock.now())
    (done,) = node.finish(job)
    assert (done.state, done.reason) == (State.CANCELLED, "cancelled on request")


def test_a_listener_that_breaks_costs_no_job(
    make_node: Callable[..., Node], apply: Callable[..., None], queue: Callable[..., str]
) -> None:
    apply()
    job = queue("give")

    def broken(_event: Event) -> None:
        raise BrokenPipeError("nobody listens any more")

    deaf = make_node(tell=broken)
    assert deaf.finish(job)[0].state is State.COMPLETED


def test_an_executor_that_cannot_begin_ends_the_attempt(
    node: Node, apply: Callable[..., None], queue: Callable[..., str]
) -> None:
    apply(executors=TWO)
    node.engine.directory.forget()
    node.engine.queues.executors()["trial/two"].close()
    job = queue("give", executor="two")
    (done,) = node.finish(job)
    assert done.state is State.FAILED
    assert done.error is not None
    assert done.error.message.startswith("the attempt could not be started")
