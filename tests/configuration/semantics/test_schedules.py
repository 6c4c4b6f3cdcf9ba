"""Schedules: parsed once, with their findings where they stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.configuration.semantics import Schedules
from rota.model.problem import Problem
from rota.schedule import ScheduleError

Check = Callable[[str], list[Problem]]


def test_equal_schedules_are_one() -> None:
    schedules = Schedules()
    data = {"days_repeat_period": 1, "begin_time": "05:00"}
    assert schedules.parse(data, timezone="UTC") is schedules.parse(dict(data), timezone="UTC")
    assert schedules.parse(data, timezone="UTC") is not schedules.parse(data, timezone="Europe/Berlin")


def test_a_wrong_schedule_is_wrong_each_time() -> None:
    schedules = Schedules()
    for _ in range(2):
        with pytest.raises(ScheduleError):
            schedules.parse({"cron": "bad"})


def test_findings_lead_to_their_place_in_a_list(check: Check) -> None:
    jobs = """\
  a:
    command: [echo]
    schedule:
    - {cron: "0 5 * * *"}
    - cron: "0 25 * * *"
"""
    (problem,) = check(jobs)
    assert problem.path == "jobs.a.schedule[1].cron"
    assert (problem.source or "")[(problem.column or 0) - 1 :] == '"0 25 * * *"'


def test_the_schema_and_the_schedule_do_not_say_the_same_thing_twice(check: Check) -> None:
    jobs = "  a: {command: [echo], schedule: {days_repeat_period: 1, week_days: [9], end_date: 2026-02-30}}\n"
    assert [(problem.code, problem.path) for problem in check(jobs)] == [
        ("schema.range", "jobs.a.schedule.week_days[0]"),
        ("schedule.bad-date", "jobs.a.schedule.end_date"),
    ]
