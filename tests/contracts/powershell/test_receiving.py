"""Receiving, as PowerShell's jobs have it or better. Each test is named after its fact."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rota.app.facade import Platform
from rota.model.errors import EngineNotActive
from rota.model.record import Stream
from rota.store import Store
from tests.support.command_line import rota
from tests.support.running import Running
from tests.support.waiting import PATIENCE, wait_for
from tests.support.workshop.patience import data, finished, running


def test_p23_a_second_receive_gives_nothing(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:count", [3], executor="two-threads"))
    assert job.unread
    assert (data(job), data(job)) == ([1, 2, 3], [])
    assert not job.refresh().unread
    assert data(job, consumer="somebody else") == [1, 2, 3]


def test_p24_keep_then_plain_then_plain(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:count", [3], executor="two-threads"))
    assert (data(job, keep=True), data(job), data(job)) == ([1, 2, 3], [1, 2, 3], [])


def test_p25_successive_receives_join_without_gap_or_repeat(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:count", [30, 0.01], executor="two-threads")
    got: list[int] = []
    while not job.refresh().finished:
        got += data(job)
    assert got + data(job) == list(range(1, 31))


def test_p26_keep_on_a_running_job_leaves_everything_for_the_next(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:count", [20, 0.02], executor="two-threads")
    kept = wait_for(lambda: data(job, keep=True))
    finished(workshop, job)
    assert data(job) == list(range(1, 21))
    assert kept == list(range(1, len(kept) + 1))


def test_p27_two_flags_say_what_is_there_and_what_may_come(workshop: Platform, tmp_path: Path) -> None:
    job = workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads")
    running(job)
    assert (job.unread, job.open) == (False, True)
    (tmp_path / "go").touch()
    finished(workshop, job)
    assert (job.unread, job.open) == (True, False)
    data(job)
    assert (job.refresh().unread, job.open) == (False, False)


def test_p28_following_streams_until_the_end(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:count", [10, 0.02], executor="two-threads")
    assert [record.data for record in job.follow(timeout=PATIENCE)] == list(range(1, 11))
    assert (job.refresh().state, job.unread) == ("completed", False)


def test_p29_following_and_keeping_go_together(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:count", [3], executor="two-threads")
    assert [record.data for record in job.follow(timeout=PATIENCE, keep=True)] == [1, 2, 3]
    assert data(job) == [1, 2, 3]


def test_following_ends_when_its_time_is_over(workshop: Platform, tmp_path: Path) -> None:
    job = workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads")
    assert list(job.follow(timeout=0.05)) == []
    assert not job.refresh().finished
    (tmp_path / "go").touch()
    finished(workshop, job)


def test_following_what_nobody_runs_raises(platform: Platform) -> None:
    job = platform.background_jobs.start("work_jobs:count", [3])
    with pytest.raises(EngineNotActive):
        list(job.follow())
    assert list(job.receive()) == [], "receiving never waits"


def test_p33_a_parent_alone_gives_only_its_own(workshop: Platform) -> None:
    job = workshop.background_jobs.map("work_jobs:double", [1], executor="two-threads")
    finished(workshop, job)
    assert data(job, children=False) == []
    assert data(job) == [1, 2]


def test_a_family_that_is_chosen_whole_is_received_once(workshop: Platform, store: Store) -> None:
    job = workshop.background_jobs.map("work_jobs:double", [1], executor="two-threads")
    finished(workshop, job)
    url = store._url.render_as_string(hide_password=False)
    children = [child.id for child in job.children()]
    assert [len(children), len(_lines("*", "--from-start", database=url))] == [1, 2]
    assert len(_lines(*children, job.id, "--from-start", database=url)) == 2
    assert len(_lines(*children, "--from-start", database=url)) == 2, "without the job, they come by themselves"
    assert len(_lines("*", "--from-start", "--follow", "--remove", database=url)) == 2, (
        "the children are removed with the job"
    )
    assert _lines("*", database=url) == []


def _lines(*arguments: str, database: str) -> list[str]:
    done = rota("jobs", "receive", *arguments, database=database)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_p35_p36_a_family_is_received_in_the_order_in_which_it_spoke(workshop: Platform) -> None:
    how: dict[str, Any] = {"executor": "two-threads"}
    job = workshop.background_jobs.start("work_jobs:parent_and_child_talk", how, **how)
    finished(workshop, job)
    records = list(job.receive())
    assert [record.data for record in records] == ["before", 1, 2, "after"]
    assert [record.number for record in records] == [1, 2, 3, 4]


def test_p37_the_engine_says_whose_a_record_is_and_when_it_came(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:give", [{"job": "another", "at": "never"}], executor="two-threads")
    finished(workshop, job)
    [record] = job.receive()
    assert (record.job, record.attempt, record.data) == (job.id, 1, {"job": "another", "at": "never"})


def test_p39_the_reason_of_a_failure_is_received_once(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:fail", executor="two-threads"))
    [error] = job.receive()
    assert isinstance(error.data, Mapping)
    assert (error.stream, error.data["message"]) == ("error", "no rates today")
    assert list(job.receive()) == []


def test_p40_a_reader_that_is_cut_short_loses_nothing(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:count", [5], executor="two-threads"))
    assert next(job.receive()).data == 1
    for record in job.receive():
        if record.data == 3:
            break
    assert data(job) == [4, 5]


def test_p40_what_a_pipe_did_not_take_was_not_received(workshop: Platform, store: Store, tmp_path: Path) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:count", [5000], executor="two-threads"))
    url = store._url.render_as_string(hide_password=False)
    with Running("jobs", "receive", job.id, database=url, cwd=tmp_path) as reader:
        assert reader.process.stdout is not None
        first = reader.process.stdout.readline()
        reader.process.stdout.close()
        assert reader.process.wait(PATIENCE) in {0, 1}
        reader.process.stdout = open("/dev/null")  # noqa: PTH123, SIM115 -- closed with the others
    assert first.split()[-1] == "1"
    rest = data(job)
    assert rest == list(range(5001 - len(rest), 5001))
    assert len(rest) > 1000, "a pipe holds 64 KiB, some 2,000 lines, and takes no more"


def test_p41_interrupting_a_reader_or_a_wait_leaves_the_job_alone(
    workshop: Platform, store: Store, tmp_path: Path
) -> None:
    url = store._url.render_as_string(hide_password=False)
    job = workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go"), "ready"], executor="two-threads")
    with Running("jobs", "receive", "--follow", job.id, database=url, cwd=tmp_path) as reader:
        assert reader.process.stdout is not None
        assert "ready" in reader.process.stdout.readline()
        reader.signal(signal.SIGINT)
        assert reader.end() == 130
        hint = f"the job is left alone: `rota jobs receive --follow {job.id}` goes on from here"
        assert reader.lines == [f"interrupted; {hint}\n"]
    start = ("jobs", "start", "work_jobs:hold", "-p", f"file={tmp_path / 'go'}", "--executor", "two-threads", "--wait")
    with Running(*start, database=url, cwd=tmp_path) as waiter:
        other = waiter.wait_for("started").split()[-1]
        waiter.signal(signal.SIGINT)
        assert waiter.end() == 130, waiter.lines
        assert f"`rota jobs wait {other}` goes on from here" in waiter.lines[-1]
    assert job.refresh().state == "running"
    (tmp_path / "go").touch()
    assert [each.state for each in finished(workshop, job, workshop.background_jobs.get(other))] == ["completed"] * 2


def test_p43_streams_stay_separate(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:say_in_every_stream", executor="two-threads"))
    by_stream = {stream: data(job, streams=[stream]) for stream in Stream}
    assert by_stream == {
        "output": [1, "seven"],
        "message": ["two"],
        "log": [{"level": "WARNING", "logger": "shop", "message": "three"}],
        "stdout": ["four\n"],
        "stderr": ["five\n"],
        "progress": [{"fraction": 0.6, "text": "six"}],
        "event": [],
        "error": [],
    }
    assert len(data(job)) == 7, "each choice of streams has a place of its own"


def test_p30_following_may_remove_the_job_in_the_end(workshop: Platform, store: Store, tmp_path: Path) -> None:
    job = workshop.background_jobs.start("work_jobs:count", [2], executor="two-threads")
    url = store._url.render_as_string(hide_password=False)
    done = rota("jobs", "receive", job.id, "--follow", "--remove", database=url, cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert workshop.background_jobs.list() == []
