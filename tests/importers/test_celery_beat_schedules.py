"""Every form in which a dump may hold a schedule of Celery beat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from celery.schedules import crontab, schedule

from rota.importers.celery_beat_schedules import read_schedule

HALF_PAST_SEVEN = {"cron": "30 7 1 * *"}


def daily(seconds: int) -> dict[str, Any]:
    return {"days_repeat_period": 1, "repeat_period_in_day": seconds}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (30, daily(30)),
        (86_400.0, {"days_repeat_period": 1}),
        ("30 7 1 * *", HALF_PAST_SEVEN),
        (str(crontab(minute="30", hour="7", day_of_month="1")), HALF_PAST_SEVEN),
        ("<crontab: 30 7 1 * * (m/h/dM/MY/d)>", HALF_PAST_SEVEN),
        ("<crontab: 30 7 * 1 * (m/h/d/dM/MY)>", HALF_PAST_SEVEN),
        (str(schedule(300)), daily(300)),
        (str(timedelta(hours=1, minutes=30)), daily(5400)),
        (str(timedelta(days=2)), {"days_repeat_period": 2}),
        ({"crontab": "30 7 1 * *"}, HALF_PAST_SEVEN),
        ({"crontab": {"minute": 30, "hour": "7", "day_of_month": "1"}}, HALF_PAST_SEVEN),
        ({"minute": "0", "hour": 3, "day_of_week": "thursday, sunday"}, {"cron": "0 3 * * thu,sun"}),
        ({"every": 5, "period": "minutes"}, daily(300)),
        ({"every": 30}, daily(30)),
        ({"hours": 1, "minutes": 30}, daily(5400)),
    ],
)
def test_it_is_understood(value: Any, expected: dict[str, Any]) -> None:
    told: list[str] = []
    assert read_schedule(value, told.append) == expected
    assert told == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "names no schedule"),
        (True, "schedule True has no counterpart"),
        (["x"], "schedule ['x'] has no counterpart"),
        ("sometimes", "sometimes has no counterpart"),
        ("<solar: sunset>", "<solar: sunset> has no counterpart"),
        ({}, "its schedule has no counterpart"),
        ({"other": "<x>"}, "<x> has no counterpart"),
        ({"every": "5"}, "every '5' seconds has no counterpart"),
        ({"every": 5, "period": "moons"}, "every 5 moons has no counterpart"),
        (-5, "every -5 s is neither"),
        (0, "every 0 s is neither"),
        (0.5, "every 0.5 s is neither"),
        (1e308, "every 1e+308 s is neither"),
        ({"day_of_month": 1, "day_of_week": "mon"}, "crontab * * 1 * mon: Celery wants both days to match"),
    ],
)
def test_it_has_no_counterpart(value: Any, words: str) -> None:
    told: list[str] = []
    assert read_schedule(value, told.append) is None
    [message] = told
    assert message.startswith(words)
