"""Locks from the command line, with an engine beside them and holders that are killed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import rota
from rota.store import Store, schema
from tests.support.running import Running
from tests.support.shop import METHODS, Shop
from tests.support.waiting import wait_for

EVERY_SECOND = """\
  ticks:
    method: shop_jobs:tick
    executor: thread
    schedule: {days_repeat_period: 1, repeat_period_in_day: 1s, start_within: 1s}
"""
TICK = METHODS + "\ndef tick():\n    pass\n"
WAIT_FOR = ("jobs", "start", "shop_jobs:wait_for", "--executor", "thread")


@pytest.fixture
def ticking(tmp_path: Path, database_url: str) -> Shop:
    """A shop with a job every second, on every kind of database."""
    store = Store(database_url)
    schema.upgrade(store)
    store.close()
    shop = Shop(tmp_path, database_url)
    shop.code(TICK)
    shop.jobs(EVERY_SECOND)
    shop.apply()
    return shop


def ticks(shop: Shop) -> list[dict[str, Any]]:
    return [job for job in shop.job_list() if job["name"] == "ticks"]


def held(shop: Shop) -> list[str]:
    with rota.connect(shop.database) as platform:
        return [lock.name for lock in platform.locks.list()]


def wait_until(look: Callable[[], object], what: str) -> None:
    wait_for(look, what, patience=60)


def test_no_scheduled_job_starts_while_they_are_locked(ticking: Shop, tmp_path: Path) -> None:
    with ticking.engine("--no-apply") as engine:
        engine.wait_for("completed")
        assert ticking.rota("lock", "scheduled-jobs", "--reason", "a new disk").stdout == (
            "scheduled-jobs locked until it is unlocked\n"
        )
        before = {job["id"] for job in ticks(ticking)}
        engine.wait_for("the lock scheduled-jobs is held by administrator: a new disk")
        status = ticking.rota("status").stdout
        assert "scheduled-jobs, by administrator, since" in status
        assert "is locked by administrator" in ticking.rota("scheduled", "start", "ticks", code=4).stderr
        held_by = ticking.rota("lock", "scheduled-jobs", "--reason", "me too", code=4).stderr
        assert "scheduled-jobs is locked by administrator since" in held_by
        (tmp_path / "go").touch()
        done = ticking.rota(*WAIT_FOR, "-p", f"file={tmp_path / 'go'}", "--wait").stdout
        assert done.split()[1] == "completed", "other jobs start"
        assert {job["id"] for job in ticks(ticking)} == before
        assert "scheduled-jobs unlocked; administrator had locked it" in ticking.rota("unlock", "scheduled-jobs").stdout
        engine.wait_for("missed")
        engine.wait_for("ticks                 started")
    assert "locked (scheduled-jobs) by administrator: a new disk" in ticking.rota("scheduled", "show", "ticks").stdout
    assert "nobody holds the lock" in ticking.rota("unlock", "scheduled-jobs", code=4).stderr


def test_no_job_starts_while_jobs_are_locked_and_those_that_wait_start_afterwards(
    ticking: Shop, tmp_path: Path
) -> None:
    ticking.rota("lock", "jobs", "--reason", "a new disk")
    (tmp_path / "go").touch()
    started = ticking.rota(*WAIT_FOR, "-p", f"file={tmp_path / 'go'}")
    assert "it starts once that has ended: locked (jobs) by administrator: a new disk" in started.stderr
    with ticking.engine("--no-apply") as engine:
        engine.wait_for("the lock jobs is held")
        assert ticking.job(started.stdout.strip())["state"] == "queued"
        ticking.rota("unlock", "jobs")
        engine.wait_for("the lock jobs of administrator has ended", "wait_for              completed")
        ticking.rota("lock", "jobs", "--reason", "a new disk", "--until", "2s")
        engine.wait_for("the lock jobs is held")
        engine.wait_for("the lock jobs of administrator has ended")


def exclusive(shop: Shop, *arguments: str) -> Running:
    return shop.running("lock", "exclusive", "--reason", "migration", "--lease", "2s", *arguments)


def test_the_exclusive_lock_is_had_when_the_last_job_has_ended(ticking: Shop, tmp_path: Path) -> None:
    with ticking.engine("--no-apply") as engine:
        job = ticking.rota(*WAIT_FOR, "-p", f"file={tmp_path / 'go'}").stdout.strip()
        engine.wait_for("wait_for              started")
        late = ticking.rota("lock", "exclusive", "--reason", "x", "--timeout", "0s", code=124)
        assert job in late.stderr
        assert held(ticking) == []
        with exclusive(ticking) as holder:
            wait_until(lambda: held(ticking), "the lock to be taken")
            engine.wait_for("the lock exclusive is held")
            assert holder.process.poll() is None
            (tmp_path / "go").touch()
            assert holder.process.stdout is not None
            assert holder.process.stdout.readline() == "exclusive locked: no job runs; Ctrl-C ends it\n"
            assert ticking.json("jobs", "list", "--state", "running") == []
            holder.signal(signal.SIGTERM)
            assert holder.end() == 0
        assert held(ticking) == []
        engine.wait_for("the lock exclusive of administrator has ended")
        engine.wait_for("ticks                 started")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_who_stops_waiting_for_the_exclusive_lock_frees_it_at_once(
    ticking: Shop, tmp_path: Path, number: signal.Signals
) -> None:
    with ticking.engine("--no-apply") as engine:
        ticking.rota(*WAIT_FOR, "-p", f"file={tmp_path / 'go'}")
        engine.wait_for("wait_for              started")
        with exclusive(ticking, "--lease", "300s") as waiting:
            wait_until(lambda: held(ticking), "the lock to be taken")
            waiting.signal(number)
            assert waiting.end() == 130
        assert held(ticking) == []
        (tmp_path / "go").touch()


def test_a_holder_of_the_exclusive_lock_that_is_killed_frees_it(ticking: Shop) -> None:
    with ticking.engine("--no-apply") as engine:
        engine.wait_for("completed")
        with exclusive(ticking) as holder:
            assert holder.process.stdout is not None
            holder.process.stdout.readline()
            engine.wait_for("the lock exclusive is held")
            assert (
                "exclusive is locked by administrator"
                in ticking.rota("lock", "exclusive", "--reason", "x", code=4).stderr
            )
            holder.signal(signal.SIGKILL)
        line = engine.wait_for("the lock exclusive of administrator has ended")
        assert "its holder was silent for longer than its lease" in line
        engine.wait_for("ticks                 started")
    freed = ticking.json("audit", "--act", "lock.free")[0]
    assert (freed["user"], freed["subject"]) == ("(engine)", "exclusive")


def test_a_holder_that_stands_still_for_too_long_learns_that_it_lost_the_lock(ticking: Shop) -> None:
    with ticking.engine("--no-apply") as engine, exclusive(ticking) as holder:
        assert holder.process.stdout is not None
        holder.process.stdout.readline()
        holder.signal(signal.SIGSTOP)
        engine.wait_for("the lock exclusive of administrator has ended")
        ticking.rota("lock", "jobs", "--reason", "somebody else's")
        holder.signal(signal.SIGCONT)
        assert holder.end() == 4
        assert "the lock 'exclusive' was lost while it was held" in "".join(holder.lines)
        assert [lock["name"] for lock in ticking.json("status")["locks"]] == ["jobs"]
