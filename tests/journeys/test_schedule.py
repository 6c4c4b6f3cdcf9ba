"""`rota schedule`: what a schedule means, before anything is applied."""

from __future__ import annotations

import pytest

from tests.support.shop import Shop


def starts(shop: Shop, *arguments: str) -> list[str]:
    return shop.rota("schedule", "next", *arguments, "--from", "2026-03-28", "--count", "3").stdout.splitlines()


def test_a_calendar_in_a_zone(shop: Shop) -> None:
    assert starts(shop, '{days_repeat_period: 1, begin_time: "09:00"}', "--timezone", "Europe/Berlin") == [
        "Sat 2026-03-28 09:00:00 +0100 (08:00:00 UTC)",
        "Sun 2026-03-29 09:00:00 +0200 (07:00:00 UTC)",
        "Mon 2026-03-30 09:00:00 +0200 (07:00:00 UTC)",
    ]


def test_a_cron_expression(shop: Shop) -> None:
    assert starts(shop, "30 2 * * mon")[0] == "Mon 2026-03-30 02:30:00 +0000 (02:30:00 UTC)"
    assert "02:30" in shop.rota("schedule", "describe", "30 2 * * mon").stdout
    [first, *_] = shop.json("schedule", "next", "@daily", "--from", "2026-03-28T12:00")
    assert first == {"start": "2026-03-29T00:00:00Z", "closes_at": first["closes_at"], "stop_at": None}


def test_a_scheduled_job_by_its_name(applied: Shop) -> None:
    assert "03:00:00 +0" in applied.rota("schedule", "next", "rates", "--count", "1").stdout
    assert applied.rota("schedule", "describe", "rates").stdout == "Every day at 03:00 (Europe/Berlin)\n"
    assert "no scheduled job 'ratse'; did you mean 'rates'?" in (
        applied.rota("schedule", "describe", "ratse", code=3).stderr
    )


def test_a_job_that_is_switched_off_is_told(applied: Shop) -> None:
    applied.rota("scheduled", "disable", "rates")
    shown = applied.rota("schedule", "next", "rates", "--count", "1")
    assert "03:00:00 +0" in shown.stdout
    assert "rates is switched off: it starts only after `rota scheduled enable rates`" in shown.stderr


def test_starts_of_a_job_on_another_wall_clock(applied: Shop) -> None:
    arguments = ("rates", "--from", "2099-06-01", "--count", "1", "--timezone", "Asia/Tokyo")
    assert applied.rota("schedule", "next", *arguments).stdout == "Mon 2099-06-01 10:00:00 +0900 (01:00:00 UTC)\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("0 9 * *",), "does not have the five fields"),
        (("@daily", "--timezone", "Europe/Berln"), "did you mean Europe/Berlin?"),
        (("rates", "--timezone", "Europe/Berln"), "did you mean Europe/Berlin?"),
        (("@daily", "--from", "2026-02-30"), "2026-02-30' is not a time such as 2026-12-31T09:00 or 2026-12-31 (day"),
        (("@daily", "--from", "0001-01-01T00:00+14:00"), "'0001-01-01T00:00+14:00' is not a time"),
        (("{begin_time: 99}",), "begin_time"),
        (("@daily", "--from", "tomorrow-ish"), "--from 'tomorrow-ish' is not a time such as 2026-12-31T09:00"),
        (("@daily", "--count", "0"), "--count"),
    ],
)
def test_what_is_no_schedule(shop: Shop, arguments: tuple[str, ...], words: str) -> None:
    assert words in shop.rota("schedule", "next", *arguments, code=2).stderr
