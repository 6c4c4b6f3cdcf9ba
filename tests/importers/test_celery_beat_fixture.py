"""Fixtures of django-celery-beat, as `manage.py dumpdata django_celery_beat` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rota.importers.celery_beat import read_celery_beat
from rota.importers.imported import Imported, require_valid
from rota.model.errors import ConfigurationError

SCHEDULES: list[tuple[str, int, dict[str, Any]]] = [
    ("intervalschedule", 1, {"every": 5, "period": "minutes"}),
    ("intervalschedule", 2, {"every": 90, "period": "microseconds"}),
    ("crontabschedule", 1, {"minute": "30", "hour": "7", "day_of_week": "mon-fri", "timezone": "Europe/Berlin"}),
    ("solarschedule", 1, {"event": "sunset", "latitude": "52.5", "longitude": "13.4"}),
    ("clockedschedule", 1, {"clocked_time": "2031-02-03T04:05:06+02:00"}),
    ("periodictasks", 1, {"last_update": "2025-01-01T00:00:00Z"}),
]

UNTOLD = {
    "interval": None,
    "crontab": None,
    "solar": None,
    "clocked": None,
    "args": "[]",
    "kwargs": "{}",
    "queue": None,
    "headers": "{}",
    "priority": None,
    "one_off": False,
    "start_time": None,
    "enabled": True,
    "last_run_at": "2025-09-20T13:02:58.608Z",
    "total_run_count": 10,
    "date_changed": "2025-09-20T13:03:16.628Z",
    "description": "",
}
"""What a task says that says nothing."""


def task(name: str, **fields: Any) -> tuple[str, int, dict[str, Any]]:
    return "periodictask", 1, {"name": name, "task": "shop.tasks.run", **UNTOLD, **fields}


def fixture(folder: Path, *objects: tuple[str, int, dict[str, Any]]) -> Path:
    """One object a line, so that the line of the first task is known."""
    path = folder / "beat.json"
    lines = [
        json.dumps({"model": f"django_celery_beat.{model}", "pk": pk, "fields": fields})
        for model, pk, fields in objects
    ]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    return path


def read(folder: Path, *tasks: tuple[str, int, dict[str, Any]]) -> Imported:
    imported = read_celery_beat(str(fixture(folder, *SCHEDULES, *tasks)))
    require_valid(imported)
    return imported


@pytest.mark.parametrize(
    ("fields", "body", "told"),
    [
        (
            {"interval": 1, "expire_seconds": 20, "args": '["USD"]', "description": "Rates"},
            {
                "description": "Rates",
                "parameters": ["USD"],
                "schedule": {"days_repeat_period": 1, "repeat_period_in_day": 300, "start_within": 20},
            },
            [],
        ),
        (
            {"crontab": 1, "kwargs": '{"deep": true}'},
            {"parameters": {"deep": True}, "schedule": {"cron": "30 7 * * mon-fri", "timezone": "Europe/Berlin"}},
            [],
        ),
        (
            {"clocked": 1, "one_off": True},
            {
                "schedule": {
                    "timezone": "UTC",
                    "days_repeat_period": 0,
                    "begin_date": "2031-02-03",
                    "begin_time": "02:05:06",
                }
            },
            [],
        ),
        ({"solar": 1}, {"use": False}, ["solar sunset at 52.5, 13.4 has no counterpart; it has no schedule here"]),
        (
            {"interval": 2},
            {"use": False},
            ["every 9e-05 s is neither whole seconds within a day nor whole days; it has no schedule here"],
        ),
        ({}, {"use": False}, ["names no schedule"]),
        (
            {"crontab": 1, "enabled": False, "queue": "slow", "priority": 3, "start_time": "2021-09-15T11:16:59Z"},
            {"use": False, "schedule": {"cron": "30 7 * * mon-fri", "timezone": "Europe/Berlin"}},
            [
                "queue 'slow' has no counterpart",
                "priority 3 has no counterpart",
                "start_time '2021-09-15T11:16:59Z' has no counterpart",
            ],
        ),
        (
            {"crontab": 1, "one_off": True},
            {"use": False, "schedule": {"cron": "30 7 * * mon-fri", "timezone": "Europe/Berlin"}},
            ["one_off: it runs once there, and again and again here; it is switched off"],
        ),
    ],
)
def test_a_periodic_task(tmp_path: Path, fields: dict[str, Any], body: dict[str, Any], told: list[str]) -> None:
    [job] = read(tmp_path, task("Обновить кэш", **fields)).jobs
    assert (job.name, job.place.line) == ("obnovit-kesh", len(SCHEDULES) + 2)
    assert job.body == {"method": "beat_jobs.shop_tasks:run", **body}
    assert [finding.message for finding in job.findings] == told


def test_objects_that_belong_to_no_task_are_reported(tmp_path: Path) -> None:
    path = fixture(tmp_path, *SCHEDULES, task("a", crontab=1))
    path.write_text(path.read_text().replace("[", '[{"model": "auth.user", "pk": 1, "fields": {}},', 1))
    assert [finding.message for finding in read_celery_beat(str(path)).findings] == [
        "auth.user: left out",
        "intervalschedule 1: no task has it",
        "intervalschedule 2: no task has it",
        "solarschedule 1: no task has it",
        "clockedschedule 1: no task has it",
    ]


def test_everything_bad_is_told_at_once(tmp_path: Path) -> None:
    schedules = [
        ("crontabschedule", 1, {"minute": "99", "hour": "*", "timezone": "Mars/Base"}),
        ("clockedschedule", 1, {"clocked_time": "2031-02-30T00:00:00Z"}),
    ]
    tasks = [
        task("a", crontab=1),
        task("b", interval=7),
        task("c", clocked=1),
        task("d", args="{"),
        task(""),
        ("periodictask", 1, {}),
    ]
    with pytest.raises(ConfigurationError) as caught:
        read_celery_beat(str(fixture(tmp_path, *schedules, *tasks)))
    assert [(problem.line, problem.message.partition(":")[0]) for problem in caught.value.problems] == [
        (5, "there is no intervalschedule 7 in the fixture"),
        (3, "'2031-02-30T00"),
        (7, "args '{' is not JSON"),
        (8, "name is missing"),
        (9, "name is missing"),
        (4, "not a cron expression"),
        (4, "'Mars/Base' is not a known time zone"),
    ]
