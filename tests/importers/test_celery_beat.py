"""Beat schedules: of a real Celery application, of settings, of a dump."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rota.importers.celery_beat import read_celery_beat
from rota.importers.imported import Imported, require_valid
from rota.model.errors import ConfigurationError

APPLICATION = """\
import sys
from datetime import timedelta
from celery import Celery
from celery.schedules import crontab

print("hello")
app = Celery("shop")
app.conf.timezone = "Europe/Berlin"
app.conf.beat_schedule = {
    "Load rates": {"task": "shop.tasks.load", "schedule": crontab(minute=30, hour="2,3"), "args": ("USD",)},
    "ping": {"task": "shop.tasks.ping", "schedule": 30.0, "options": {"expires": 20, "queue": "fast"}},
    "days": {"task": "shop.tasks.ping", "schedule": timedelta(days=2), "kwargs": {"deep": True}, "args": [1]},
    "both": {"task": "tidy", "schedule": crontab(0, 0, day_of_week="mon", day_of_month="1-7")},
}

@app.on_after_finalize.connect
def more(sender, **_):
    sender.add_periodic_task(crontab(day_of_week=[1, 2]), app.signature("shop.late"), name="late")
"""

Written = Callable[[str, str], str]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Writes a file into the working folder, and gives back its name."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return name

    return write


def read(module: str, **options: Any) -> Imported:
    imported = read_celery_beat(module, **options)
    require_valid(imported)
    return imported


def bodies(imported: Imported) -> dict[str, dict[str, Any]]:
    return {job.name: job.body for job in imported.jobs}


def problem(module: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(module)
    [found] = caught.value.problems
    return str(found)


def test_the_schedule_of_a_celery_application(written: Written) -> None:
    written("shop_app.py", APPLICATION)
    imported = read("shop_app", name="shop")
    assert imported.header == {"name": "shop", "timezone": "Europe/Berlin", "modules": ["shop_jobs"]}
    assert bodies(imported) == {
        "load-rates": {
            "method": "shop_jobs.shop_tasks:load",
            "parameters": ["USD"],
            "schedule": {"cron": "30 2,3 * * *"},
        },
        "ping": {
            "method": "shop_jobs.shop_tasks:ping",
            "schedule": {"days_repeat_period": 1, "repeat_period_in_day": 30, "start_within": 20},
        },
        "days": {
            "method": "shop_jobs.shop_tasks:ping",
            "parameters": {"deep": True},
            "schedule": {"days_repeat_period": 2},
        },
        "both": {"method": "shop_jobs.tasks:tidy", "use": False},
        "late": {"method": "shop_jobs.shop:late", "schedule": {"cron": "* * * * 1,2"}},
    }
    assert [(finding.place, finding.message) for finding in imported.report] == [
        ("module shop_app", "beat counts intervals from its own start; here they count from midnight"),
        ("module shop_app", "options.queue has no counterpart"),
        ("module shop_app", "args [1] stand beside kwargs: a job has one or the other, and keeps the kwargs"),
        (
            "module shop_app",
            "crontab 0 0 1-7 * mon: Celery wants both days to match, cron either; it has no schedule here",
        ),
    ]


def test_the_schedule_of_settings(written: Written) -> None:
    written("shop_settings.py", "CELERY_BEAT_SCHEDULE = {'a': {'task': 'tasks.a', 'schedule': 7, 'args': [object]}}")
    imported = read("shop_settings")
    assert bodies(imported)["a"]["schedule"] == {"days_repeat_period": 1, "repeat_period_in_day": 7}
    assert [finding.message for finding in imported.report][1:] == [
        "every 7 s: the count begins anew at midnight",
        "args=[<class 'object'>] has no counterpart",
    ]


@pytest.mark.parametrize(
    ("schedule", "expected", "told"),
    [
        ({"every": 3600}, {"days_repeat_period": 1, "repeat_period_in_day": 3600}, ()),
        ({"every": 86400.0}, {"days_repeat_period": 1}, ()),
        ({"every": 0.5}, None, ("every 0.5 s is neither",)),
        ({"every": 90_000}, None, ("every 90000 s is neither",)),
        ({"other": "<solar: sunset>"}, None, ("<solar: sunset> has no counterpart",)),
    ],
)
def test_schedules_of_a_dump(written: Written, schedule: Any, expected: Any, told: tuple[str, ...]) -> None:
    entries = {"a": {"task": "tasks.a", "schedule": schedule}}
    [job] = read(written("dump.json", json.dumps({"beat_schedule": entries}))).jobs
    assert job.body.get("schedule") == expected
    assert job.body.get("use", True) is (expected is not None)
    assert [finding.message[: len(start)] for finding, start in zip(job.findings, told, strict=True)] == list(told)


@pytest.mark.parametrize("key", ["CELERY_BEAT_SCHEDULE", None])
def test_a_dump_may_be_the_settings_or_the_schedule_itself(written: Written, key: str | None) -> None:
    entries = {"a": {"task": "tasks.a", "schedule": 30.0}, "b": {"task": "tasks.b", "schedule": "0 3 * * *"}}
    dump = written("dump.json", json.dumps({key: entries} if key else entries))
    assert [job.body["schedule"] for job in read(dump).jobs] == [
        {"days_repeat_period": 1, "repeat_period_in_day": 30},
        {"cron": "0 3 * * *"},
    ]


def test_options_that_are_not_understood_are_reported(written: Written) -> None:
    entry = {"task": "tasks.a", "schedule": 30, "options": {"queue": "fast", "expires": "2031-01-01"}}
    [job] = read(written("dump.json", json.dumps({"a": entry}))).jobs
    assert [finding.message for finding in job.findings] == [
        "options.queue has no counterpart",
        "options.expires has no counterpart",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "dump.json:1:2: did not find expected node content"),
        ("", "dump.json: holds no schedule"),
        ("{}", "dump.json: its beat schedule is empty"),
        (
            '{"beat_schedule": {\n"a": {"schedule": {"every": 1}}}}',
            "dump.json:2: beat_schedule.a.task: task is missing",
        ),
        ('{"beat_schedule": {\n"a": 1}}', "dump.json:2: beat_schedule.a: a is 1: expected a mapping"),
        (
            '{"beat_schedule": {\n"a": {"task": "t", "schedule": {"crontab": "99 * * * *"}}}}',
            "dump.json:2: jobs.a.schedule.cron: not a cron expression",
        ),
        (
            '{"timezone": "Mars/X", "beat_schedule": {"a": {"task": "t", "schedule": {"every": 1}}}}',
            "dump.json: configuration.timezone: ",
        ),
    ],
)
def test_a_bad_dump_is_told_with_its_place(written: Written, text: str, expected: str) -> None:
    assert problem(written("dump.json", text)).startswith(expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1", "LookupError: it has no Celery application and no beat_schedule"),
        ("raise ValueError('one\\ntwo')", "cannot be read: ValueError: one two"),
        ("import sys; sys.exit(3)", "cannot be read: SystemExit: 3"),
        ("import os; os._exit(3)", "its import ended the process"),
        ("beat_schedule = {'a': {'schedule': 5}}", "beat_schedule.a.task: task is missing"),
        ("beat_schedule = {'a': 3}", "beat_schedule.a: a is '3': expected a mapping"),
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
    ],
)
def test_a_module_that_cannot_be_read_is_told(written: Written, code: str, expected: str) -> None:
    written("broken_app.py", code)
    told = problem("broken_app")
    assert told.startswith("broken_app: ")
    assert expected in told
