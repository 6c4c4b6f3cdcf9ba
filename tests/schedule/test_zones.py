"""Wall times become instants: gaps, repeated hours, days of 23, 24 and 25 hours, and one that was left out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rota.schedule.problems import ScheduleError
from rota.schedule.zones import DAY, zone
from tests.schedule import oracle

CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29), "02:30", "2026-03-29 01:00"),  # a gap from 02:00 to 03:00
    ("Europe/Berlin", date(2026, 3, 29), "02:00", "2026-03-29 01:00"),
    ("Europe/Berlin", date(2026, 3, 29), "01:59", "2026-03-29 00:59"),
    ("Europe/Berlin", date(2026, 3, 29), "03:00", "2026-03-29 01:00"),
    ("Europe/Berlin", date(2026, 10, 25), "02:30", "2026-10-25 00:30"),  # shown twice: the first
    ("Europe/Berlin", date(2026, 10, 25), "03:00", "2026-10-25 02:00"),
    ("America/New_York", date(2026, 3, 8), "02:30", "2026-03-08 07:00"),
    ("America/New_York", date(2026, 11, 1), "01:30", "2026-11-01 05:30"),
    ("Australia/Lord_Howe", date(2026, 10, 4), "02:15", "2026-10-03 15:30"),  # a gap of half an hour
    ("Australia/Lord_Howe", date(2026, 4, 5), "01:45", "2026-04-04 14:45"),
    ("Pacific/Apia", date(2011, 12, 30), "09:00", "2011-12-30 10:00"),  # a day that was left out
    ("America/Nuuk", date(2026, 3, 28), "23:30", "2026-03-29 01:00"),  # a gap up to midnight
    ("Africa/Cairo", date(2026, 4, 24), "00:30", "2026-04-23 22:00"),  # a gap from midnight on
    ("America/Havana", date(2026, 11, 1), "00:30", "2026-11-01 04:30"),  # midnight is shown twice
]


def seconds(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


@pytest.mark.parametrize(("name", "day", "wall", "expected"), CHANGES)
def test_a_wall_time_stands_for_one_instant(name: str, day: date, wall: str, expected: str) -> None:
    found = zone(name).instant(day.toordinal(), seconds(wall))
    assert f"{datetime.fromtimestamp(found, UTC):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 28), 24),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Nuuk", date(2026, 3, 28), 23),
        ("America/Nuuk", date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_lasts_until_the_next_begins(name: str, day: date, hours: float) -> None:
    clock = zone(name)
    assert clock.begin(day.toordinal() + 1) - clock.begin(day.toordinal()) == hours * 3600
    assert clock.has(day.toordinal()) == (hours > 0)
    assert clock.is_regular(day.toordinal()) == (hours == 24)


def test_a_repeated_time_is_shown_twice_and_a_skipped_one_never() -> None:
    berlin = zone("Europe/Berlin")
    assert len(berlin.readings(date(2026, 10, 25).toordinal(), seconds("02:30"))) == 2
    assert len(berlin.readings(date(2026, 10, 25).toordinal(), seconds("03:30"))) == 1
    assert berlin.readings(date(2026, 3, 29).toordinal(), seconds("02:30")) == []


@pytest.mark.parametrize("name", sorted({name for name, *_ in CHANGES} | {"America/St_Johns", "Africa/Monrovia"}))
def test_the_quick_way_and_the_plain_one_agree_around_every_clock_change(name: str) -> None:
    """Days without a change are not looked up time by time: that must never make a difference."""
    clock, info = zone(name), ZoneInfo(name)
    for day in range(date(1971, 6, 1).toordinal(), date(2037, 1, 1).toordinal()):
        changes = [each for each in (day - 1, day, day + 1) if not clock.is_regular(each)]
        if changes:
            for wall in ("00:00", "00:45", "02:15", "12:00", "23:45"):
                at = datetime.strptime(wall, "%H:%M").time()  # noqa: DTZ007  # a time of day
                plain = oracle.instant(info, date.fromordinal(day), at)
                assert clock.instant(day, seconds(wall)) == plain.timestamp(), (day, wall)


def test_the_day_of_an_instant_is_the_local_date() -> None:
    noon_in_samoa = int(datetime(2026, 6, 1, 23, tzinfo=UTC).timestamp())
    assert zone("Pacific/Apia").day(noon_in_samoa) == date(2026, 6, 2).toordinal()
    assert zone("UTC").day(10**15) > date(9999, 12, 28).toordinal()
    assert zone("UTC").day(-(10**15)) == date(1, 1, 2).toordinal()
    assert zone("UTC").begin(date(1970, 1, 2).toordinal()) == DAY


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berlni", "did you mean Europe/Berlin?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("Europe", None),
        ("", None),
        ("../../etc/passwd", None),
        ("/etc/localtime", None),
        ("localtime", None),
        ("right/UTC", None),
        ("Europe/Berlin\0", "did you mean Europe/Berlin?"),
        ("x" * 100_000, None),
    ],
)
def test_an_unknown_zone_is_refused(name: str, hint: str | None) -> None:
    with pytest.raises(ScheduleError, match="is not a known time zone") as caught:
        zone(name)
    [problem] = caught.value.problems
    assert problem.code == "schedule.unknown-zone"
    assert problem.hint
    assert hint in (None, problem.hint)
