"""An engine hosted by a program: one on SQLite with others that stand by, one that broke, and one left by a fork."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

import rota
from rota.app import hosting
from rota.app.facade import Platform
from rota.app.hosting import Host
from rota.model import errors
from rota.model.event import Event, Name
from tests.support.shop import Shop
from tests.support.waiting import wait_for

REPORT, WAIT_FOR, ANNA = "shop_jobs:report", "shop_jobs:wait_for", {"who": "Anna"}


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(hosting, "PAUSE_SECONDS", 0.02)


def supervisor_of(host: Host) -> rota.engine.supervisor.Supervisor:
    assert host._supervisor is not None
    return host._supervisor


# Running jobs here and now


def test_what_is_due_runs_and_what_is_not_stays(platform: Platform) -> None:
    start = platform.background_jobs.start
    now = [start(REPORT, ANNA) for _ in range(3)]
    later = start(REPORT, ANNA, due_at=datetime(2100, 1, 1, tzinfo=UTC))
    fails = start("shop_jobs:fails", retry=rota.RetryPolicy(count=1, interval=3600))
    assert platform.process_jobs() == 4
    assert [job.refresh().state for job in (*now, later, fails)] == [*["completed"] * 3, "queued", "waiting"]
    assert platform.process_jobs() == 0


def test_no_more_than_so_many(platform: Platform) -> None:
    ids = platform.background_jobs.start_many(REPORT, [ANNA] * 5)
    assert platform.process_jobs(2) == 2
    assert platform.process_jobs(limit=1, until_idle=True) == 1
    assert platform.process_jobs(0) == 0
    states = [platform.background_jobs.get(job).state for job in ids]
    assert states == [*["completed"] * 3, *["queued"] * 2]
    assert platform.process_jobs(until_idle=True) == 2


def test_until_nothing_is_left_waits_for_restarts(platform: Platform) -> None:
    job = platform.background_jobs.start("shop_jobs:fails", retry=rota.RetryPolicy(count=1, interval=0.2))
    assert platform.process_jobs(until_idle=True) == 2
    assert (job.refresh().state, job.attempt) == ("failed", 2)


# Standing by


def test_a_second_host_stands_by_and_takes_over(platform: Platform, shop: Shop) -> None:
    heard: list[Event] = []
    with rota.connect(shop.database) as other, other.engine(tell=heard.append) as second:
        assert second.is_active
        with platform.engine(tell=heard.append) as third:
            assert not third.is_active
            job = platform.background_jobs.start(REPORT, ANNA)
            assert job.wait(timeout=60).state == "completed", "the other one runs it"
    assert [event.name for event in heard].count(Name.ENGINE_STANDS_BY) == 1
    assert [event.name for event in heard].count(Name.ENGINE_STARTED) == 1


def test_it_takes_over_when_the_other_leaves(platform: Platform, shop: Shop) -> None:
    other = rota.connect(shop.database)
    first = other.engine()
    first.__enter__()
    with platform.engine() as standing_by:
        first.__exit__(None, None, None)
        wait_for(lambda: standing_by.is_active, "the take-over")
        assert platform.background_jobs.start(REPORT, ANNA).wait(timeout=60).state == "completed"
    other.close()


def test_it_takes_over_whatever_has_become_of_its_user(platform: Platform, shop: Shop) -> None:
    """As an engine that runs is not stopped then: the right is asked for when it is hosted."""
    platform.users.add("ann", role="administrator")
    other = rota.connect(shop.database)
    first = other.engine()
    first.__enter__()
    with rota.connect(shop.database, user="ann") as anns, anns.engine() as standing_by:
        platform.users.set_role("ann", "user")
        first.__exit__(None, None, None)
        wait_for(lambda: standing_by.is_active, "the take-over")
        assert platform.background_jobs.start(REPORT, ANNA).wait(timeout=60).state == "completed"
        with pytest.raises(errors.NotPermitted), anns.engine():
            pass
    other.close()


def test_who_will_not_stand_by_is_told(platform: Platform, shop: Shop) -> None:
    with (
        rota.connect(shop.database) as other,
        other.engine(),
        pytest.raises(errors.EngineAlreadyActive, match="an engine runs on this database already: process"),
        platform.engine(standby=False),
    ):
        pass


def test_an_engine_that_broke_begins_again(platform: Platform) -> None:
    heard: list[Event] = []
    with platform.engine(tell=heard.append) as host:
        broken = supervisor_of(host)
        broken._on_failure("dispatcher", ValueError("broken"))
        wait_for(lambda: host.is_active and supervisor_of(host) is not broken, "another engine")
        assert platform.background_jobs.start(REPORT, ANNA).wait(timeout=60).state == "completed"
    assert Name.SERVICE_FAILED in {event.name for event in heard}


def test_a_database_that_is_removed_broken_and_made_again_is_taken_up(shop: Shop) -> None:
    file = Path(shop.database.removeprefix("sqlite:///"))

    def remove() -> None:
        for each in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            each.unlink(missing_ok=True)

    heard: list[Event] = []
    with rota.connect(shop.database) as platform, platform.engine(tell=heard.append) as host:
        remove()
        file.write_text("this is no database at all" * 100)
        wait_for(lambda: not host.is_active, "the end of the engine")
        wait_for(lambda: [event for event in heard if event.facts.get("service") == "engine"], "the next try")
        remove()
        shop.apply()
        wait_for(lambda: host.is_active, "the engine on the new database")
        assert platform.background_jobs.start(REPORT, ANNA).wait(timeout=60).state == "completed"


def test_an_engine_that_broke_for_good_is_raised_at_the_end(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosting, "PAUSE_SECONDS", 60)
    hosted = platform.engine()
    host = hosted.__enter__()
    supervisor_of(host)._on_failure("dispatcher", ValueError("broken"))
    wait_for(lambda: not host.is_active, "the end of the engine")
    with pytest.raises(ValueError, match="broken"):
        hosted.__exit__(None, None, None)


def test_running_jobs_get_their_grace(platform: Platform, tmp_path: Path) -> None:
    with platform.engine(grace=60):
        job = platform.background_jobs.start(WAIT_FOR, {"file": str(tmp_path / "go")})
        wait_for(lambda: job.refresh().state == "running", "the begin")
        threading.Timer(0.2, (tmp_path / "go").touch).start()
    assert job.refresh().state == "completed"
