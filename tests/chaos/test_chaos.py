"""Kill, freeze and starve real engines in mid-run: each job ends as its policy says, none is lost, none runs too often.

The short form of it: a few seconds each.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rota.model.background_job import BackgroundJob
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.runtime.clock import SystemClock
from rota.store import Store, background_jobs, missed_notes, nodes, scheduled_jobs
from rota.store.background_jobs import Filter
from tests.chaos.processes import EngineProcess
from tests.support.postgres import PostgresServer
from tests.support.waiting import wait_for

Queue = Callable[..., str]
StartEngine = Callable[..., EngineProcess]
Finished = Callable[..., list[BackgroundJob]]
Outage = Callable[[], AbstractContextManager[None]]

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def journal(folder: Path, job: str, word: str) -> list[list[str]]:
    """The lines that the job's attempts wrote: id, attempt, word, process."""
    file = folder / "journal"
    lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
    return [line for line in lines if (line[0], line[2]) == (job, word)]


def wait_until_begun(folder: Path, *jobs: str, attempt: int = 1) -> None:
    wait_for(
        lambda: all(any(line[1] == str(attempt) for line in journal(folder, job, "begin")) for job in jobs),
        f"attempt {attempt} to begin",
    )


def ends(job: BackgroundJob) -> list[str | None]:
    return [attempt.end for attempt in job.attempts]


COMMAND = 'echo "$ROTA_JOB_ID $ROTA_ATTEMPT begin $$" >> "$0/journal"; until test -e "$0/go"; do sleep 0.05; done'


def test_an_engine_killed_in_mid_run(
    queue: Queue, start_engine: StartEngine, finished: Finished, tmp_path: Path
) -> None:
    once, folder = RetryPolicy(count=1), str(tmp_path)
    by_process = queue("hold", parameters=[folder], executor="process", retry=once)
    by_thread = queue("hold", parameters=[folder], executor="thread", retry=once)
    by_command = queue(command=("sh", "-c", COMMAND, folder), name="command", retry=once)
    without_restart = queue("hold", parameters=[folder], executor="thread")
    started = (by_process, by_thread, by_command, without_restart)
    engine = start_engine().started()
    wait_until_begun(tmp_path, *started)
    engine.kill()
    later = [queue("give", parameters=[number]) for number in range(20)]
    start_engine().started()
    wait_until_begun(tmp_path, by_process, by_thread, by_command, attempt=2)
    (tmp_path / "go").touch()
    for done in finished(by_process, by_thread, by_command):
        assert (done.state, ends(done)) == (State.COMPLETED, ["lost", "returned"])
    (lost,) = finished(without_restart)
    assert (lost.state, lost.reason, ends(lost)) == (State.FAILED, "lost", ["lost"])
    assert [(done.result, done.attempt) for done in finished(*later)] == [(number, 1) for number in range(20)]
    assert [len(journal(tmp_path, job, "begin")) for job in started] == [2, 2, 2, 1]


@ON_SQLITE
def test_a_schedule_goes_on_over_a_kill(apply: Callable[..., None], store: Store, start_engine: StartEngine) -> None:
    every_second = {"days_repeat_period": 1, "repeat_period_in_day": "1s", "start_within": "1s"}
    apply({"tick": {"method": "trial_jobs:give", "executor": "thread", "schedule": every_second}})

    def runs() -> list[BackgroundJob]:
        with store.read() as tx:
            return background_jobs.select_jobs(tx, Filter(name="tick", newest=1000))[::-1]

    first = start_engine().started()
    wait_for(lambda: len(runs()) >= 2, "two runs")
    first.kill()
    before = len(runs())
    with store.read() as tx:
        killed_at = scheduled_jobs.find(tx, "tick").considered
    wait_for(lambda: now_is_after(killed_at + timedelta(seconds=3)), "some occurrences to pass")
    second = start_engine().started()
    wait_for(lambda: len([run for run in runs() if run.finished]) >= before + 2, "two more runs")
    assert second.stop() == 0
    with store.read() as tx:
        tick = scheduled_jobs.find(tx, "tick")
        notes = missed_notes.newest(tx, tick.id, 1000)
    done = [(run.nominal_start, run.begin_at) for run in runs() if run.nominal_start and run.begin_at]
    starts = {start for start, _ in done}
    assert len(done) == len(starts) == len(runs())
    missed = {note.first_start + timedelta(seconds=step) for note in notes for step in range(note.count)}
    assert len(missed) == tick.missed == sum(note.count for note in notes)
    assert missed.isdisjoint(starts)
    every = {min(starts) + timedelta(seconds=step) for step in range(int((max(starts) - min(starts)).total_seconds()))}
    for start in every - missed - starts:  # each of these makes one run with another
        assert start + timedelta(seconds=1) in starts or any(first < start <= begin for first, begin in done), start


def now_is_after(instant: datetime) -> bool:
    return SystemClock().now() > instant


def test_a_worker_killed_in_mid_run(
    queue: Queue, start_engine: StartEngine, finished: Finished, tmp_path: Path
) -> None:
    restarted = queue("hold", parameters=[str(tmp_path)], executor="process", retry=RetryPolicy(count=1))
    given_up = queue("die", parameters=[str(tmp_path)], executor="process", retry=RetryPolicy(count=2))
    start_engine().started()
    wait_until_begun(tmp_path, restarted)
    os.kill(int(journal(tmp_path, restarted, "begin")[0][3]), signal.SIGKILL)
    wait_until_begun(tmp_path, restarted, attempt=2)
    (tmp_path / "go").touch()
    done, failed = finished(restarted, given_up)
    assert (done.state, ends(done)) == (State.COMPLETED, ["died", "returned"])
    assert (failed.state, ends(failed)) == (State.FAILED, ["died"] * 3)
    assert len(journal(tmp_path, given_up, "begin")) == 3


@ON_POSTGRESQL
def test_a_node_frozen_past_its_lease_is_a_zombie_when_it_wakes(
    queue: Queue, store: Store, start_engine: StartEngine, finished: Finished, tmp_path: Path
) -> None:
    policy = RetryPolicy(count=1)
    jobs = [queue("hold", parameters=[str(tmp_path)], executor=kind, retry=policy) for kind in ("thread", "process")]
    zombie = start_engine().started()
    wait_until_begun(tmp_path, *jobs)
    zombie.send(signal.SIGSTOP)
    other = start_engine().started()
    wait_until_begun(tmp_path, *jobs, attempt=2)
    assert "node.lost" in other.log
    (tmp_path / "go").touch()
    for done in finished(*jobs):
        assert (done.state, ends(done)) == (State.COMPLETED, ["lost", "returned"])
    zombie.send(signal.SIGCONT)
    wait_for(lambda: active(store) == 2, "the zombie to become a new node")
    more = [queue("give", parameters=[number]) for number in range(40)]
    assert {(done.state, done.attempt) for done in finished(*more)} == {(State.COMPLETED, 1)}
    for done in finished(*jobs):
        assert (done.state, ends(done)) == (State.COMPLETED, ["lost", "returned"])
    completed = [line for line in zombie.log.splitlines() if line.startswith("job.completed")]
    assert not [line for line in completed if any(job in line for job in jobs)]
    assert "service.failed" not in zombie.log + other.log


def active(store: Store) -> int:
    with store.read() as tx:
        return len(nodes.active(tx))


@ON_SQLITE
def test_of_ten_engines_on_one_file_one_runs(queue: Queue, start_engine: StartEngine, finished: Finished) -> None:
    engines = [start_engine() for _ in range(10)]
    wait_for(lambda: sum(engine.process.poll() is not None for engine in engines) >= 9, "nine to be refused")
    (running,) = [engine for engine in engines if engine.process.poll() is None]
    running.started()
    refused = [engine for engine in engines if engine is not running]
    assert {engine.process.returncode for engine in refused} == {4}
    for engine in refused:
        assert f"process {running.process.pid} on " in engine.log
    assert finished(queue("give"))[0].state is State.COMPLETED


@pytest.fixture(params=["stop", "kill"])
def outage(request: pytest.FixtureRequest, postgres_server: PostgresServer, store: Store) -> Outage:
    """The server shuts down, or dies, for as long as one is inside."""

    @contextmanager
    def outage() -> Iterator[None]:
        getattr(postgres_server, request.param)()
        yield
        postgres_server.start()
        store.close()  # the connections of this process died, too

    return outage


@ON_POSTGRESQL
def test_postgresql_goes_down_under_a_running_engine(
    queue: Queue, start_engine: StartEngine, finished: Finished, outage: Outage, tmp_path: Path
) -> None:
    running = [queue("hold", parameters=[str(tmp_path)], executor=kind) for kind in ("thread", "process")]
    engine = start_engine(lease=20).started()
    wait_until_begun(tmp_path, *running)
    crowd = [queue("give", parameters=[number]) for number in range(60)]
    wait_for(lambda: "job.completed" in engine.log, "the first of the crowd to be done")
    with outage():
        wait_for(lambda: "service.troubled" in engine.log, "the engine to notice")
        (tmp_path / "go").touch()
        wait_for(lambda: all(journal(tmp_path, job, "end") for job in running), "the methods to end")
    later = queue("give")
    done = finished(*running, *crowd, later)
    assert {(each.state, each.attempt) for each in done} == {(State.COMPLETED, 1)}
    assert "service.failed" not in engine.log
    assert [len(journal(tmp_path, job, "end")) for job in running] == [1, 1]


@ON_SQLITE
def test_another_program_holds_the_write_lock_of_sqlite(
    queue: Queue, start_engine: StartEngine, finished: Finished, job: Any, tmp_path: Path
) -> None:
    running = queue("hold", parameters=[str(tmp_path)], executor="thread")
    queued = queue("give", parameters=["later"])
    start_engine().started()
    wait_until_begun(tmp_path, running)
    with closing(sqlite3.connect(tmp_path / "rota.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (tmp_path / "go").touch()
        wait_for(lambda: journal(tmp_path, running, "end"), "the method to end")
        assert job(running).state is State.RUNNING
        other.execute("ROLLBACK")
    assert {(done.state, done.attempt) for done in finished(running, queued)} == {(State.COMPLETED, 1)}
