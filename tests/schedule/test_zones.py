"""Wall times become instants: gaps, repeated hours, days of 23, 24 and 25 hours, and one that was left out."""

from __future__ import annotations

import random
import struct
from datetime import UTC, date, datetime
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rota.schedule.problems import ScheduleError
from rota.schedule.zones import DAY, EPOCH_DAY, zone
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


SHIPPED = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()


def clock_changes(name: str) -> list[int]:
    """The instants at which a zone's offset from UTC changes, as its file lists them (RFC 9636)."""
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()

    def counts(begin: int) -> tuple[int, ...]:
        return struct.unpack(">6l", data[begin + 20 : begin + 44])

    utc, wall, leap, times, types, characters = counts(0)
    begin = 44 + times * 5 + types * 6 + characters + leap * 8 + wall + utc
    _, _, _, times, types, _ = counts(begin)
    instants = struct.unpack_from(f">{times}q", data, begin + 44)
    kinds = data[begin + 44 + 8 * times : begin + 44 + 9 * times]
    offsets = [struct.unpack_from(">l", data, begin + 44 + 9 * times + 6 * kind)[0] for kind in range(types)]
    changes, offset = [], offsets[0]
    for instant, kind in zip(instants, kinds, strict=True):
        if offsets[kind] != offset:
            changes.append(instant)
            offset = offsets[kind]
    return changes


def test_no_zone_changes_its_clock_twice_within_six_days() -> None:
    """Spans are found by comparing offsets every two days, and reach over one change at most."""
    for name in SHIPPED:
        changes = clock_changes(name)
        assert all(later - earlier > 6 * DAY for earlier, later in pairwise(changes)), name


def test_spans_end_where_clocks_change() -> None:
    for name in ("Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Gaza", "Pacific/Apia"):
        for change in clock_changes(name)[-60:]:
            assert zone(name).span(change - 1)[1] == change
            assert zone(name).span(change)[1] > change


def test_the_local_date_is_that_of_the_zone_itself_at_any_instant() -> None:
    drawn = random.Random(1)
    for name in SHIPPED:
        for _ in range(5):
            instant = drawn.randrange(-(3 * 10**9), 6 * 10**9)
            assert zone(name).day(instant) == datetime.fromtimestamp(instant, zone(name).info).toordinal()


def test_a_fixed_zone_has_one_span() -> None:
    begin, end, shift = zone("UTC").span(0)
    assert zone("UTC").fixed is not None
    assert begin < 0 < end
    assert shift == EPOCH_DAY * DAY
    assert zone("Europe/Berlin").fixed is None
