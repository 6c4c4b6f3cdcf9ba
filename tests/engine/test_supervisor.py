"""The supervisor: a whole engine in threads, started and brought to a clean stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rota.app.context import Context
from rota.app.wiring import make_supervisor
from rota.engine import supervisor as supervisor_module
from rota.engine.supervisor import Supervisor
from rota.model.background_job import BackgroundJob
from rota.model.errors import DatabaseUnavailable, EngineAlreadyActive
from rota.model.event import Event
from rota.model.states import State
from rota.runtime.clock import SystemClock
from rota.store import Store, background_jobs, nodes, transitions
from rota.testing import queue_job
from tests.support.node import ON_SQLITE, release
from tests.support.waiting import wait_for

CLOCK = SystemClock()


class Bench:
    """A supervisor on the test's database, the events that it told, and jobs for it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.heard: list[Event] = []
        self.supervisor = self.another()

    def another(self) -> Supervisor:
        return make_supervisor(Context(self.store, CLOCK, "administrator"), self.heard.append)

    def queue(self, function: str, **values: Any) -> str:
        return queue_job(self.store, now=CLOCK.now(), method=f"trial_jobs:{function}", configuration="trial", **values)

    def job(self, job: str) -> BackgroundJob:
        with self.store.read() as tx:
            return background_jobs.get(tx, job)

    def begun(self, folder: Path, count: int = 1) -> None:
        journal = folder / "journal"
        wait_for(lambda: journal.exists() and journal.read_text().count("begin") >= count, "the methods to begin")

    def told(self, name: str) -> list[dict[str, Any]]:
        return [dict(event.facts) for event in self.heard if event.name == name]


@pytest.fixture
def bench(store: Store, apply: Callable[..., None]) -> Bench:
    apply()
    return Bench(store)


def test_it_runs_what_is_queued_and_leaves_nothing_behind(bench: Bench) -> None:
    before = threading.active_count()
    bench.supervisor.start()
    job = bench.queue("give", parameters=[7])
    wait_for(lambda: bench.job(job).finished)
    stopped = bench.supervisor.stop(grace=10)
    assert (stopped.handed_back, stopped.failure) == (0, None)
    assert bench.job(job).result == 7
    with bench.store.read() as tx:
        assert nodes.active(tx) == []
    assert [event.name for event in bench.heard if event.name.startswith("engine")] == [
        "engine.started",
        "engine.stopping",
        "engine.stopped",
    ]
    assert threading.active_count() == before


def test_running_jobs_may_end_within_the_grace_and_queued_ones_stay(bench: Bench, tmp_path: Path) -> None:
    running = bench.queue("hold", parameters=[str(tmp_path)])
    bench.supervisor.start()
    bench.begun(tmp_path)
    results: list[Any] = []
    stopping = threading.Thread(target=lambda: results.append(bench.supervisor.stop(grace=60)))
    stopping.start()
    wait_for(lambda: bench.told("engine.stopping"))
    wait_for(lambda: not bench.supervisor.engine.dispatcher._accepting)
    queued = bench.queue("give")
    release(tmp_path)
    stopping.join(60)
    assert results[0].handed_back == 0
    assert (bench.job(running).state, bench.job(queued).state) == (State.COMPLETED, State.QUEUED)


@pytest.mark.parametrize("executor", ["thread", "process"])
def test_what_does_not_end_within_the_grace_is_handed_back(bench: Bench, tmp_path: Path, executor: str) -> None:
    job = bench.queue("hold", parameters=[str(tmp_path)], executor=executor)
    bench.supervisor.start()
    bench.begun(tmp_path)
    assert bench.supervisor.stop(grace=0).handed_back == 1
    waiting = bench.job(job)
    assert (waiting.state, waiting.reason) == (State.WAITING, "handed back by a stopping engine")
    release(tmp_path)
    second = bench.another()
    second.start()
    wait_for(lambda: bench.job(job).finished)
    second.stop(grace=10)
    done = bench.job(job)
    assert (done.state, done.attempt, [each.end for each in done.attempts]) == (
        State.COMPLETED,
        2,
        ["stopped", "returned"],
    )


def test_hurry_ends_the_waiting(bench: Bench, tmp_path: Path) -> None:
    job = bench.queue("hold", parameters=[str(tmp_path)])
    bench.supervisor.start()
    bench.begun(tmp_path)
    hurry = threading.Event()
    hurry.set()
    assert bench.supervisor.stop(grace=3600, hurry=hurry).handed_back == 1
    assert bench.job(job).state is State.WAITING


def test_parents_whose_children_wait_for_the_next_engine_are_handed_back_at_once(bench: Bench, tmp_path: Path) -> None:
    job = bench.queue("wait_for_child", parameters=[str(tmp_path), 3600], executor="thread")
    bench.supervisor.start()
    bench.begun(tmp_path)
    assert bench.supervisor.stop(grace=3600).handed_back == 1
    assert bench.job(job).state is State.WAITING


def test_a_parent_whose_child_runs_has_the_grace(bench: Bench, tmp_path: Path) -> None:
    job = bench.queue("wait_for_child", parameters=[str(tmp_path), 0], executor="thread")
    bench.supervisor.start()
    bench.begun(tmp_path, count=2)
    stopping = threading.Thread(target=bench.supervisor.stop, kwargs={"grace": 3600})
    stopping.start()
    wait_for(lambda: bench.told("engine.stopping"))
    wait_for(lambda: not bench.supervisor.engine.dispatcher._accepting)
    release(tmp_path)
    stopping.join(60)
    assert (bench.job(job).state, bench.job(job).result) == (State.COMPLETED, "completed")


def test_what_ignores_being_stopped_is_killed_and_handed_back(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "TIDY_SECONDS", 0.2)
    job = bench.queue("ignore_stops", parameters=[str(tmp_path)], executor="process")
    bench.supervisor.start()
    bench.begun(tmp_path)
    assert bench.supervisor.stop(grace=0).handed_back == 1
    assert bench.job(job).state is State.WAITING


def test_a_running_job_is_cancelled_at_once_when_somebody_asks(bench: Bench, tmp_path: Path) -> None:
    job = bench.queue("hold", parameters=[str(tmp_path)])
    bench.supervisor.start()
    bench.begun(tmp_path)
    with bench.store.write() as tx:
        transitions.request_cancel(tx, job, by="tester", grace=None, now=CLOCK.now())
    bench.supervisor.engine.look_again()
    wait_for(lambda: bench.job(job).finished)
    assert bench.job(job).state is State.CANCELLED
    bench.supervisor.stop(grace=10)


def test_a_service_that_breaks_for_good_is_told_of_and_the_rest_still_stops_cleanly(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = RuntimeError("broken")

    def break_it() -> Any:
        raise broken

    job = bench.queue("hold", parameters=[str(tmp_path)])
    bench.supervisor.start()
    bench.begun(tmp_path)
    service = next(each for each in bench.supervisor._services if each.name == "scheduler")
    service.run_once = break_it
    service.wake()
    assert bench.supervisor.failed.wait(30)
    stopped = bench.supervisor.stop(grace=60)
    assert stopped.failure is broken
    assert stopped.handed_back == 1
    assert bench.job(job).state is State.WAITING
    assert bench.told("service.failed")


def test_a_database_that_is_away_does_not_keep_an_engine_from_stopping(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.supervisor.start()
    job = bench.queue("give")
    wait_for(lambda: bench.job(job).finished)

    def away() -> Any:
        raise DatabaseUnavailable("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(bench.store, "write", away)
        stopped = bench.supervisor.stop(grace=1)
    assert isinstance(stopped.failure, DatabaseUnavailable)


@ON_SQLITE
def test_a_file_that_is_gone_is_told_once_until_it_is_back(bench: Bench, tmp_path: Path) -> None:
    file, away, supervisor = bench.store.file, tmp_path / "away", bench.supervisor
    assert file is not None
    away.mkdir()
    supervisor.start()
    for times in (1, 2):
        move(file.parent, away, file.name)
        for service in supervisor._services:
            service.wake()
        wait_for(lambda: len(supervisor._troubled) >= 3, "several services to find it gone")
        assert len(gone_in(bench)) == times
        move(away, file.parent, file.name)
        wait_for(lambda: not supervisor._troubled, "all of them to find it again")
    supervisor.stop(grace=1)


def move(source: Path, target: Path, name: str) -> None:
    """The file of SQLite's and those beside it."""
    for each in source.glob(f"{name}*"):
        each.rename(target / each.name)


def gone_in(bench: Bench) -> list[str]:
    return [text for each in bench.told("service.troubled") if "its file is gone" in (text := str(each["error"]))]


@ON_SQLITE
def test_a_second_engine_is_refused_and_may_come_when_the_first_has_gone(bench: Bench) -> None:
    bench.supervisor.start()
    with pytest.raises(EngineAlreadyActive, match=r"process \d+ on "):
        bench.another().start()
    bench.supervisor.stop(grace=1)
    third = bench.another()
    third.start()
    third.stop(grace=1)


@ON_SQLITE
def test_an_engine_that_cannot_enter_gives_its_place_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise DatabaseUnavailable("it is away")

    with monkeypatch.context() as patched:
        patched.setattr(bench.store, "write", away)
        with pytest.raises(DatabaseUnavailable):
            bench.supervisor.start()
    second = bench.another()
    second.start()
    second.stop(grace=1)
