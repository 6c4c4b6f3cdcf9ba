"""The public face in Python, on a real database and a real engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import rota
from rota.app.facade import Platform
from rota.model import errors
from tests.support.shop import Shop

LOAD, REPORT, FAILS, WAIT_FOR = (f"shop_jobs:{name}" for name in ("load", "report", "fails", "wait_for"))


def test_parameters_by_position_and_with_types(platform: Platform) -> None:
    job = platform.background_jobs.start(REPORT, ["Anna", date(2026, 1, 2)])
    platform.process_jobs(until_idle=True)
    assert job.refresh().result == "Anna datetime.date(2026, 1, 2) 2"


def test_many_are_started_or_none(platform: Platform) -> None:
    with pytest.raises(errors.BadParameters):
        platform.background_jobs.start_many(REPORT, [{"who": "a"}, {"hwo": "b"}])
    assert platform.background_jobs.list() == []
    ids = platform.background_jobs.start_many(REPORT, [{"who": "a"}, {"who": "b"}, {"who": "c"}], name="report")
    assert len(set(ids)) == 3
    assert platform.background_jobs.start_many(REPORT, []) == []
    assert [job.id for job in platform.background_jobs.list(newest=2)] == [ids[2], ids[1]]


def test_waiting_with_an_engine_in_the_background(platform: Platform, tmp_path: Path) -> None:
    jobs = platform.background_jobs
    with platform.engine():
        quick = jobs.start(REPORT, {"who": "Anna"})
        slow = jobs.start(WAIT_FOR, {"file": str(tmp_path / "go")})
        assert jobs.wait([quick, slow], timeout=60, any=True).done[0].id == quick.id
        looked = jobs.wait([quick, slow.id], timeout=0)
        assert (looked.timed_out, [job.id for job in looked.pending]) == (True, [slow.id])
        (tmp_path / "go").touch()
        result = jobs.wait([quick, slow], timeout=60)
        assert (len(result.done), result.pending, result.timed_out) == (2, (), False)
        assert slow.wait(timeout=1).result == "found"


def test_waiting_for_what_is_not_there_is_an_error(platform: Platform) -> None:
    with pytest.raises(errors.JobNotFound):
        platform.background_jobs.wait(["nonsense"], timeout=0)


def test_two_engines_on_one_file(platform: Platform, shop: Shop) -> None:
    with platform.engine(), rota.connect(shop.database) as other, pytest.raises(errors.EngineAlreadyActive):
        other.process_jobs()


def test_keys(platform: Platform) -> None:
    job = platform.background_jobs.start(REPORT, {"who": "Anna"}, key="k")
    with pytest.raises(errors.KeyInUse) as caught:
        platform.background_jobs.start(REPORT, {"who": "Bert"}, key="k")
    assert (caught.value.key, caught.value.holder) == ("k", job.id)
    assert platform.background_jobs.start(REPORT, {"who": "Bert"}, key="k", on_conflict="skip").id == job.id
    assert [each.id for each in platform.background_jobs.list(key="k")] == [job.id]


def test_listing(platform: Platform) -> None:
    jobs = platform.background_jobs
    rates = jobs.start(LOAD, {"currencies": []}, name="rates")
    fails = jobs.start(FAILS, name="fails")
    later = jobs.start(REPORT, {"who": "Anna"}, name="later", delay=timedelta(hours=1))
    platform.scheduled_jobs.get("backup").start()
    platform.process_jobs()
    jobs.get(later.id).cancel()
    platform.process_jobs(until_idle=True)
    assert [job.id for job in jobs.list(state="failed")] == [fails.id]
    assert {job.id for job in jobs.list(state=["completed", "cancelled"], name="*t*")} == {rates.id, later.id}
    assert [job.id for job in jobs.list(method=LOAD)] == [rates.id]
    assert [job.name for job in jobs.list(scheduled_job="backup")] == ["backup"]
    assert fails.refresh().error is not None
    assert fails.error is not None
    assert (fails.error.type, fails.error.message) == ("ValueError", "no bank today")


def test_scheduled_jobs(platform: Platform) -> None:
    nightly = platform.scheduled_jobs.get("rates")
    assert platform.scheduled_jobs.get(nightly.id).id == platform.scheduled_jobs.get("shop/rates").id == nightly.id
    assert (nightly.predefined, nightly.use, nightly.last_job) == (True, True, None)
    assert nightly.next_occurrences(2)[0].start == nightly.next_start

    nightly.set(use=False, schedule={"days_repeat_period": 1, "begin_time": "05:00"}, reason="bank maintenance")
    assert (nightly.use, nightly.next_occurrences()) == (False, [])
    assert nightly.to_data()["overrides"]["use"]["reason"] == "bank maintenance"
    assert [job.name for job in platform.scheduled_jobs.find(use=False)] == ["rates"]
    nightly.reset("use")
    assert (nightly.use, list(nightly.to_data()["overrides"])) == (True, ["schedule"])
    nightly.reset()
    assert nightly.to_data()["overrides"] == {}

    job = nightly.start()
    with pytest.raises(errors.WrongState, match=job.id):
        nightly.start()
    platform.process_jobs(until_idle=True)
    last = nightly.refresh().last_job
    assert last is not None
    assert (last.id, last.state) == (job.id, "completed")


def test_scheduled_jobs_made_by_hand(platform: Platform) -> None:
    made = platform.scheduled_jobs.create("report", name="for-anna", parameters={"who": "Anna"}, key="anna", reason="x")
    assert [job.name for job in platform.scheduled_jobs.find(predefined=False, name="for-*")] == ["for-anna"]
    job = made.start()
    platform.process_jobs(until_idle=True)
    assert job.refresh().result == "Anna None 2"
    made.set(parameters={"who": "Bert"})
    made.delete()
    with pytest.raises(errors.JobNotFound):
        made.refresh()
    assert job.refresh().state == "completed", "its runs stay"
    with pytest.raises(errors.PredefinedJobError) as caught:
        platform.scheduled_jobs.get("rates").delete()
    assert caught.value.name == "rates"


@pytest.mark.parametrize(
    ("definition", "values", "kind", "words"),
    [
        ("reprot", {}, errors.JobNotFound, "no definition 'reprot'"),
        ("report", {"method": "x:y"}, errors.UsageError, "'method' cannot be overridden"),
        ("report", {"schedule": {"begin_tme": "x"}}, errors.UsageError, "did you mean begin_time?"),
        ("report", {"executor": "nowhere"}, errors.UsageError, "nowhere"),
    ],
)
def test_what_cannot_be_made(
    platform: Platform, definition: str, values: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words.replace("?", r"\?")):
        platform.scheduled_jobs.create(definition, name="x", **values)


@pytest.mark.parametrize(
    ("executor", "words"),
    [
        ("nowhere", "no executor 'nowhere' for methods in configuration shop: process, thread, async"),
        ("command", "no executor 'command' for methods"),
        ("async", "executor async runs `async def` methods, and shop_jobs:load is none"),
    ],
)
def test_a_job_is_not_started_for_an_executor_that_cannot_run_it(platform: Platform, executor: str, words: str) -> None:
    with pytest.raises(errors.UsageError, match=words):
        platform.background_jobs.start("shop_jobs:load", {"currencies": []}, executor=executor)
    assert platform.background_jobs.list() == []


def test_errors_carry_their_facts(platform: Platform) -> None:
    start = platform.background_jobs.start
    with pytest.raises(errors.MethodNotAllowed) as refused:
        start("os:getcwd")
    assert (refused.value.method, refused.value.modules) == ("os:getcwd", ("shop_jobs",))
    with pytest.raises(errors.UnknownMethod) as unknown:
        start("shop_jobs:laod")
    assert (unknown.value.method, unknown.value.reason) == (
        "shop_jobs:laod",
        "module shop_jobs has no function laod; did you mean load?",
    )
    with pytest.raises(errors.BadParameters) as bad:
        start(REPORT, {"who": 1, "hwo": 2})
    assert len(bad.value.problems) == 2
    with pytest.raises(errors.BadParameters, match="a mapping"):
        start(REPORT, "Anna")
    with pytest.raises(errors.UsageError, match="time zone"):
        start(REPORT, {"who": "a"}, due_at=datetime(2026, 1, 1))  # noqa: DTZ001 -- the point of it
    with pytest.raises(errors.JobNotFound) as missing:
        platform.scheduled_jobs.get("ratse")
    assert (missing.value.kind, missing.value.selector) == ("scheduled job", "ratse")


def test_a_job_for_later_stays_queued(platform: Platform) -> None:
    due = datetime(2100, 1, 1, tzinfo=UTC)
    job = platform.background_jobs.start(REPORT, {"who": "a"}, due_at=due)
    platform.process_jobs()
    assert job.refresh().state == "queued"
    assert job.to_data()["due_at"] == due


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.DatabaseOlder, match="does not exist"):
        rota.connect(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()
