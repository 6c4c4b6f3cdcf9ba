"""Schedules as people type them."""

from __future__ import annotations

import pytest

from rota.app.schedules import looks_like_a_name, read_schedule
from rota.model.errors import UsageError


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("rates", True),
        ("Rates", True),
        ("shop/rates", True),
        ("Report for Anna", True),
        ("Отчёт", True),
        ("0-rates", True),
        ("01933127", True),
        ("@daily", False),
        ("* * * * *", False),
        ("30 2 * *", False),
        ("{}", False),
        ('["@daily"]', False),
        ("days_repeat_period: 1", False),
        ("*", False),
        ("", False),
    ],
)
def test_names(text: str, is_name: bool) -> None:
    assert looks_like_a_name(text) is is_name


def test_text_becomes_a_schedule() -> None:
    assert read_schedule(" 30 2 * * * ", "Europe/Berlin").timezone == "Europe/Berlin"
    assert read_schedule('days_repeat_period: 1, begin_time: "09:00"', "UTC").describe() == "Every day at 09:00 (UTC)"
    union = '[{cron: "@daily"}, {days_repeat_period: 1, begin_time: "09:00"}]'
    assert "09:00" in read_schedule(union, "UTC").describe()


def test_everything_wrong_is_said_with_hints() -> None:
    with pytest.raises(UsageError) as caught:
        read_schedule("{days_repeat_period: -1, begin_tme: x}", "UTC")
    assert "days_repeat_period" in str(caught.value)
    assert "begin_time" in str(caught.value)
    with pytest.raises(UsageError, match="Europe/Berlin"):
        read_schedule("@daily", "Europe/Berln")
