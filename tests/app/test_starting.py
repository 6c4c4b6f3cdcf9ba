"""Starting: what is refused with a reason, keys, ids, delays, and many at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import rota
from rota.app.facade import Platform
from rota.model import errors
from rota.model.retry import RetryPolicy
from rota.store import Store
from tests.support.statements import statements, writes

REPORT, LOAD = "shop_jobs:report", "shop_jobs:load"
ANNA, BERT = {"who": "Anna"}, {"who": "Bert"}


def store_of(platform: Platform) -> Store:
    return platform._context.store


# What is refused


@pytest.mark.parametrize(
    ("method", "kind", "words"),
    [
        ("shop_jobs:laod", errors.UnknownMethod, "did you mean load?"),
        ("shop_job:load", errors.MethodNotAllowed, "did you mean shop_jobs:load?"),
        ("shop_jobs:_private", errors.MethodNotAllowed, "a name that begins with an underscore is private"),
        ("shop_jobs._inner:load", errors.MethodNotAllowed, "is private"),
        ("os:getcwd", errors.MethodNotAllowed, "modules that may be called: shop_jobs"),
        ("shop_jobs", errors.UnknownMethod, "is not a method name of the form module:function"),
        ("shop_jobs:Class.method", errors.UnknownMethod, "is not a method name of the form module:function"),
        ("shop_jobs:datetime", errors.UnknownMethod, "datetime is a value of type module, not a function"),
    ],
)
def test_methods_that_cannot_be_started(platform: Platform, method: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        platform.background_jobs.start(method)
    assert words in str(caught.value)
    assert platform.background_jobs.list() == []


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"who": object()}, "who: a value of type object has no form in JSON"),
        ({"who": float("nan")}, "who: JSON has no nan"),
        ({"who": "a", "day": "soon"}, "day: invalid"),
        ({"who": "a", "pagse": 1}, "did you mean 'pages'?"),
        (["a", None, 1, 2], "4 given, the function takes 3 by position"),
        ({}, "parameter 'who' is missing"),
        (None, "parameter 'who' is missing"),
    ],
)
def test_parameters_that_do_not_fit(platform: Platform, parameters: Any, words: str) -> None:
    with pytest.raises(errors.BadParameters) as caught:
        platform.background_jobs.start(REPORT, parameters)
    assert words in str(caught.value)
    assert platform.background_jobs.list() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": ""}, "a key is a text of 1 to 255 printable characters"),
        ({"key": "a\0b"}, "a key is a text"),
        ({"key": 7}, "a key is a text"),
        ({"name": "x" * 256}, "a name is a text"),
        ({"id": "has space"}, "id 'has space'"),
        ({"priority": 2**40}, "priority is a whole number"),
        ({"priority": True}, "priority is a whole number"),
        ({"timeout": 0}, "timeout is a number of seconds above 0"),
        ({"timeout": float("nan")}, "timeout is a number of seconds, not nan"),
        ({"timeout": "5"}, "timeout is a number of seconds, not '5'"),
        ({"timeout": timedelta(seconds=5)}, "timeout is a number of seconds, not datetime.timedelta"),
        ({"delay": "5"}, "delay is a number of seconds, not '5'"),
        ({"due_at": "2100-01-01"}, "due_at is a datetime, not '2100-01-01'"),
        ({"due_at": date(2100, 1, 1)}, "due_at is a datetime"),
        ({"due_at": datetime(2100, 1, 1)}, "due_at needs a time zone"),  # noqa: DTZ001 -- this is the mistake
        ({"retry": 3}, "retry is a RetryPolicy"),
        ({"retry": RetryPolicy(count=1.5)}, "retry is a RetryPolicy"),  # type: ignore[arg-type]
        ({"retry": RetryPolicy(count=1, interval="1m")}, "intervals of 0 seconds or more"),  # type: ignore[arg-type]
        ({"retry": RetryPolicy(count=1, interval=-1)}, "intervals of 0 seconds or more"),
        ({"retry": RetryPolicy(count=1, max_interval=-1)}, "intervals of 0 seconds or more"),
        ({"retry": RetryPolicy(count=1, backoff=0.5)}, "a backoff of 1 or more"),
        ({"delay": -1}, "lies in the past"),
        ({"delay": 1e300}, "delay 1e+300"),
        ({"delay": 1, "due_at": datetime(2100, 1, 1, tzinfo=UTC)}, "exclude each other"),
        ({"retry": RetryPolicy(count=-1)}, "retry is a RetryPolicy"),
        ({"on_conflict": "ignore"}, "on_conflict is one of error, skip, wait"),
        ({"executor": "command"}, "no executor 'command' for methods"),
        ({"connection": "here"}, "an SQLAlchemy Connection or Session, not str"),
    ],
)
def test_options_that_make_no_sense(platform: Platform, options: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        platform.background_jobs.start(REPORT, ANNA, **options)
    assert words in str(caught.value)
    assert platform.background_jobs.list() == []


# What is stored


def test_what_a_start_returns_is_what_is_stored(platform: Platform) -> None:
    job = platform.background_jobs.start(
        REPORT,
        ANNA,
        id="report:2026-01",
        key="k",
        name="Report",
        priority=3,
        delay=60,
        timeout=9.5,
        executor="thread",
        retry=rota.RetryPolicy(count=2),
    )
    assert job.id == "report:2026-01"
    assert job.to_data() == platform.background_jobs.get(job.id).to_data()
    data = job.to_data()
    assert data["due_at"] - data["created_at"] == timedelta(seconds=60)


def test_a_start_with_an_id_may_be_repeated(platform: Platform) -> None:
    start = platform.background_jobs.start
    job = start(REPORT, ANNA, id="once", delay=60, key="k")
    assert start(REPORT, ANNA, id="once", delay=60, key="k").id == job.id
    platform.background_jobs.get("once").cancel()
    assert start(REPORT, ANNA, id="once", key="k").state == "cancelled", "also when it is over"
    assert len(platform.background_jobs.list()) == 1
    with pytest.raises(errors.IdInUse, match="another parameters, priority") as caught:
        start(REPORT, BERT, id="once", key="k", priority=1)
    assert (caught.value.id, caught.value.differs) == ("once", ("parameters", "priority"))
    with pytest.raises(errors.IdInUse, match="another method"):
        start(LOAD, {"currencies": []}, id="once")


def test_who_waits_for_a_key_runs_after_those_before_it(platform: Platform) -> None:
    start = platform.background_jobs.start
    first = start(REPORT, ANNA, key="k")
    line = [start(REPORT, ANNA, key="k", on_conflict="wait") for _ in range(3)]
    assert [job.state for job in line] == ["queued"] * 3
    with pytest.raises(errors.KeyInUse) as caught:
        start(REPORT, BERT, key="k")
    assert caught.value.holder == first.id
    first.cancel()
    line[1].cancel()
    with pytest.raises(errors.KeyInUse) as caught:
        start(REPORT, BERT, key="k")
    assert caught.value.holder == line[0].id, "the key went on with the cancellation"
    platform.process_jobs(until_idle=True)
    assert [job.refresh().state for job in line] == ["completed", "cancelled", "completed"]
    begun = [line[n].to_data()["begin_at"] for n in (0, 2)]
    assert begun == sorted(begun)


def test_one_who_waits_for_a_free_key_takes_it(platform: Platform) -> None:
    job = platform.background_jobs.start(REPORT, ANNA, key="k", on_conflict="wait")
    assert platform.background_jobs.start(REPORT, ANNA, key="k", on_conflict="skip").id == job.id


# Many


def test_many_are_one_statement(platform: Platform) -> None:
    platform.background_jobs.start(REPORT, ANNA)
    with statements(store_of(platform)) as seen:
        platform.background_jobs.start_many(REPORT, [ANNA] * 200, delay=60)
        platform.background_jobs.start_many(REPORT, [ANNA] * 200, keys=[f"k{n}" for n in range(200)])
    inserts = ["rota_background_job", "rota_audit"] * 2
    assert [statement.split()[2] for statement in writes(seen)] == inserts, "one for the jobs, one for the audit log"


def test_many_with_keys(platform: Platform) -> None:
    start_many = platform.background_jobs.start_many
    holder, free = start_many(REPORT, [ANNA, BERT], keys=["a", None])
    with pytest.raises(errors.KeyInUse) as caught:
        start_many(REPORT, [BERT, BERT], keys=["b", "a"])
    assert (caught.value.key, caught.value.holder) == ("a", holder)
    with pytest.raises(errors.KeyInUse):
        start_many(REPORT, [BERT, BERT], keys=["c", "c"])
    assert len(platform.background_jobs.list()) == 2, "all or none"
    skipped = start_many(REPORT, [BERT, BERT, ANNA], keys=["b", "a", "b"], on_conflict="skip")
    assert skipped[1] == holder
    assert skipped[0] == skipped[2] not in {holder, free}
    waiting = start_many(REPORT, [BERT] * 3, keys=["a", "a", None], on_conflict="wait")
    assert len({*waiting, *skipped, free}) == 6
    with pytest.raises(errors.UsageError, match="1 key for 2 jobs"):
        start_many(REPORT, [BERT, BERT], keys=["a"])
    platform.process_jobs(until_idle=True)
    assert {job.state for job in platform.background_jobs.list()} == {"completed"}
