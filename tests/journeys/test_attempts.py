"""A job on its way, with a real engine: seen while it runs, restarted when it fails, ended when nobody wants it."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import rota
from rota.app.facade import Platform
from rota.app.job_handle import Job
from rota.model.retry import RetryPolicy
from tests.support.command_line import environment
from tests.support.processes import wait_until_gone
from tests.support.running import Running
from tests.support.shop import Shop
from tests.support.waiting import wait_for

METHODS = '''\
import asyncio, pathlib, subprocess, sys, time

from rota import PermanentFailure, current_job

def tell(file: str) -> None:
    print("on stdout")
    print("on stderr", file=sys.stderr)
    current_job.output("output")
    current_job.message("message")
    while not pathlib.Path(file).exists():
        time.sleep(0.02)

async def tell_asynchronously(file: str) -> None:
    print("on stdout")
    print("on stderr", file=sys.stderr)
    current_job.output("output")
    current_job.message("message")
    while not pathlib.Path(file).exists():
        await asyncio.sleep(0.02)

def stubborn() -> None:
    """Stops for nobody; says which process it has started."""
    print(subprocess.Popen(["sleep", "1000"]).pid)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(0.1)
        except BaseException:
            pass

def stubborn_alone() -> None:
    print(0)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(0.1)
        except BaseException:
            pass

async def stubborn_asynchronously() -> None:
    print(0)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            await asyncio.sleep(0.1)
        except BaseException:
            pass

def fail(for_good: bool = False) -> None:
    raise PermanentFailure("the account is closed") if for_good else ConnectionError("no line")

def write(megabytes: int) -> None:
    for _ in range(megabytes * 10):
        print("x" * 99_999)
'''
SHELL = {
    "tell": 'echo on stdout; echo on stderr >&2; until [ -e "$0" ]; do sleep 0.05; done',
    "stubborn": "trap '' TERM; sleep 1000 & echo $!; while true; do sleep 0.1; done",
}


@pytest.fixture
def ready(applied: Shop) -> Shop:
    applied.code(METHODS)
    return applied


@pytest.fixture
def platform(ready: Shop) -> Iterator[Platform]:
    path = list(sys.path)
    with rota.connect(ready.database) as connected:
        yield connected
    sys.path[:] = path
    sys.modules.pop("shop_jobs", None)
    from rota.app.methods import _load

    _load.cache_clear()


@pytest.fixture
def engine(ready: Shop) -> Iterator[Running]:
    with ready.engine("--no-apply") as running:
        running.wait_for("running as")
        yield running


def start(platform: Platform, what: str, executor: str, *arguments: str, **values: Any) -> Job:
    if executor == "command":
        return platform.background_jobs.start_command(["sh", "-c", SHELL[what], *arguments], **values)
    return platform.background_jobs.start(f"shop_jobs:{what}", list(arguments), executor=executor, **values)


def printed(job: Job) -> str:
    return "".join(str(record.data) for record in job.records() if record.stream == "stdout")


# Seen while it runs


@pytest.mark.parametrize(
    ("executor", "what"),
    [("process", "tell"), ("thread", "tell"), ("async", "tell_asynchronously"), ("command", "tell")],
)
@pytest.mark.usefixtures("engine")
def test_what_a_job_says_is_there_while_it_runs(platform: Platform, tmp_path: Path, executor: str, what: str) -> None:
    go_on = tmp_path / "go on"
    job = start(platform, what, executor, str(go_on))
    expected = {"stdout", "stderr"} if executor == "command" else {"stdout", "stderr", "output", "message"}
    wait_for(lambda: {record.stream for record in job.records()} == expected, "its records")
    assert job.refresh().state == "running"
    if executor != "command":  # whose two streams are two pipes: nobody knows which was written to first
        assert [record.stream for record in job.records()] == ["stdout", "stderr", "output", "message"]
    go_on.touch()
    assert job.wait(60).state == "completed"
    assert [record.number for record in job.records()] == list(range(1, len(job.records()) + 1))


def test_a_flood_of_output_takes_neither_the_memory_nor_the_disk(ready: Shop, platform: Platform) -> None:
    jobs = [
        platform.background_jobs.start("shop_jobs:write", [100], executor=executor)
        for executor in ("process", "thread")
    ]
    jobs.append(platform.background_jobs.start_command(["sh", "-c", "head -c 100000000 /dev/zero | tr '\\0' x"]))
    program = (
        "import resource, subprocess, sys\n"
        "code = subprocess.call([sys.executable, '-m', 'rota', 'run', '--no-apply', '--until-idle', '--quiet'])\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    argv = [sys.executable, "-c", program]
    done = subprocess.run(
        argv, cwd=ready.folder, env=environment(ready.database), stdout=subprocess.PIPE, text=True, check=True
    )
    code, most = (int(word) for word in done.stdout.split())
    unit = 1024 if sys.platform == "linux" else 1  # getrusage(2) counts in another unit on macOS
    assert code == 0
    assert most * unit < 250_000_000
    for job in jobs:
        records = job.refresh().records()
        assert job.state == "completed"
        assert 10_000_000 < len(printed(job)) < 11_000_000
        (event,) = (record.data for record in records if record.stream == "event")
        assert event == {"event": "truncated", "limit": 10_485_760}


# Restarted


@pytest.mark.usefixtures("engine")
def test_attempts_are_listed_with_where_when_and_why(ready: Shop, platform: Platform) -> None:
    job = platform.background_jobs.start("shop_jobs:fail", retry=RetryPolicy(count=2, interval=0.1))
    job.wait(60)
    shown = ready.json("jobs", "show", job.id)
    assert (shown["state"], shown["attempt"], shown["reason"]) == ("failed", 3, "ConnectionError: no line")
    assert [each["number"] for each in shown["attempts"]] == [1, 2, 3]
    for each in shown["attempts"]:
        assert each["node"] == shown["location"]
        assert isinstance(each["process"], int)
        assert each["end"] == "raised"
        assert (each["error"]["type"], each["error"]["message"]) == ("ConnectionError", "no line")
        assert datetime.fromisoformat(each["begin_at"]) <= datetime.fromisoformat(each["end_at"])
    begins = [datetime.fromisoformat(each["begin_at"]) for each in shown["attempts"]]
    assert min(later - earlier for earlier, later in itertools.pairwise(begins)).total_seconds() >= 0.1


@pytest.mark.usefixtures("engine")
def test_what_cannot_be_helped_is_not_restarted(platform: Platform) -> None:
    job = platform.background_jobs.start("shop_jobs:fail", [True], retry=RetryPolicy(count=5))
    assert job.wait(60).state == "failed"
    assert [each.end for each in job.attempts] == ["raised"]


@pytest.mark.parametrize(("on_timeout", "attempts"), [(True, 2), (False, 1)])
@pytest.mark.usefixtures("engine")
def test_a_timeout_is_restarted_if_the_policy_says_so(platform: Platform, *, on_timeout: bool, attempts: int) -> None:
    retry = RetryPolicy(count=1, on_timeout=on_timeout)
    job = platform.background_jobs.start_command(["sleep", "1000"], timeout=0.2, retry=retry)
    assert job.wait(60).reason == "timed out"
    assert [each.end for each in job.attempts] == ["stopped"] * attempts


# Ended


@pytest.mark.parametrize(
    ("executor", "what"),
    [
        ("process", "stubborn"),
        ("thread", "stubborn_alone"),
        ("async", "stubborn_asynchronously"),
        ("command", "stubborn"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_a_job_that_does_not_want_to_is_ended_with_its_processes(
    ready: Shop, platform: Platform, executor: str, what: str
) -> None:
    job = start(platform, what, executor, retry=RetryPolicy(count=3))
    process = int(wait_for(lambda: printed(job), "its first line"))
    assert "(asked to stop)" in ready.rota("jobs", "cancel", job.id, "--grace", "300ms").stdout
    ready.rota("jobs", "cancel", job.id)
    assert job.wait(60).state == "cancelled"
    assert job.reason == "cancelled on request"
    assert [each.end for each in job.attempts] == ["stopped"]
    ready.rota("jobs", "cancel", job.id)
    assert job.refresh().state == "cancelled"
    if process:
        wait_until_gone([process])


def test_a_queued_job_that_is_cancelled_never_starts(ready: Shop, platform: Platform) -> None:
    job = platform.background_jobs.start("shop_jobs:fail")
    assert job.cancel().state == "cancelled"
    ready.rota("run", "--no-apply", "--until-idle")
    assert (job.refresh().state, job.attempt, job.attempts) == ("cancelled", 0, ())


@pytest.mark.usefixtures("engine")
def test_a_waiting_job_that_is_cancelled_never_starts_again(platform: Platform) -> None:
    job = platform.background_jobs.start("shop_jobs:fail", retry=RetryPolicy(count=5, interval=1))
    wait_for(lambda: job.refresh().state == "waiting", "the first attempt's end")
    assert job.cancel().state == "cancelled"
    other = platform.background_jobs.start("shop_jobs:fail", retry=RetryPolicy(count=1, interval=1.2))
    assert other.wait(60).attempt == 2
    assert (job.refresh().state, job.attempt) == ("cancelled", 1)


def test_a_run_on_a_node_that_died_is_cancelled_by_the_next_one(ready: Shop, platform: Platform) -> None:
    job = start(platform, "stubborn", "command", retry=RetryPolicy(count=3))
    with ready.engine("--no-apply") as engine:
        process = int(wait_for(lambda: printed(job), "its first line"))
        engine.process.kill()
        engine.end()
    wait_until_gone([process])
    assert job.cancel().state == "running", "nobody is there who could know better"
    assert job.cancel().state == "running", "twice is no error"
    ready.rota("run", "--no-apply", "--until-idle")
    assert (job.refresh().state, job.reason) == ("cancelled", "cancelled on request")
    assert [each.end for each in job.attempts] == ["lost"]
