"""Around every change of every zone's clock since 2015, schedules do what the plain oracle says.

The changes up to 2037 are computed from the data of all zones, where one clock under several names counts once. Around
each change some schedules are tried that start often, near it and across it. A larger family is tried once for each
shape of a change, which is how far the clock is moved at what time of day: schedules that look at times of day alone
cannot tell two changes of one shape apart. With `--thorough` the larger family is tried around every change, and around
one of every shape since 1900.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rota.schedule import Schedule
from tests.proof.transitions import Change, changes, shape, zones
from tests.schedule import oracle
from tests.schedule.cron_oracle import CronOracle
from tests.schedule.drawn import as_yaml

SPAN = timedelta(hours=40)
"""How long before and after a change is looked at."""

EXPECTED_ZONES = (
    "Australia/Lord_Howe", "Pacific/Chatham", "Antarctica/Troll", "America/Santiago", "Africa/Casablanca",
    "Africa/Cairo", "Asia/Pyongyang", "Pacific/Apia", "America/Nuuk", "America/Caracas", "Europe/Istanbul", "Asia/Gaza",
)  # fmt: skip

CENTURY = datetime(1900, 1, 1, tzinfo=UTC)

APIA = datetime(2011, 12, 30, 10, tzinfo=UTC)


@cache
def all_changes() -> dict[str, list[Change]]:
    """Of each zone that has any since 2015; of Samoa also the one that left out a day."""
    found = {zone: changes(zone) for zone in zones()}
    samoa = changes("Pacific/Apia", APIA - 9 * oracle.DAY, APIA + 9 * oracle.DAY)
    return {zone: each for zone, each in found.items() if each} | {"Pacific/Apia": samoa + found["Pacific/Apia"]}


def of_each_shape(found: Iterable[list[Change]]) -> list[Change]:
    """The first change of every shape there is."""
    firsts: dict[Any, Change] = {}
    for of_zone in found:
        for change in of_zone:
            firsts.setdefault(shape(change, of_zone), change)
    return list(firsts.values())


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def few(change: Change) -> list[dict[str, Any]]:
    """Often, within what is skipped or repeated, and across it."""
    wall, shown = sorted(change.walls)
    within = clock(wall + (shown - wall) / 2)
    return [
        {"days_repeat_period": 1, "repeat_period_in_day": 2500},
        {"days_repeat_period": 1, "begin_time": within, "start_within": 900},
        {"days_repeat_period": 1, "begin_time": "20:00", "end_time": within, "repeat_period_in_day": 2400},
    ]


def many(change: Change) -> list[dict[str, Any]]:
    """Every time key, set to times right before, within and after what is skipped or repeated."""
    wall, shown = sorted(change.walls)
    half = (shown - wall) / 2
    moments = (wall - oracle.SECOND, wall, wall + half, shown - oracle.SECOND, shown, shown + half)
    times = list(dict.fromkeys([*(clock(each) for each in moments), "00:00", "12:00", "23:59:59"]))
    daily = {"days_repeat_period": 1}
    found = [{**daily, "begin_time": at} for at in times]
    found += [{**daily, "begin_time": at, "repeat_period_in_day": 600, "start_within": 60} for at in times]
    for begin in ("00:00", "12:00", "22:30", times[2]):
        for at in times:
            if at != begin:
                found.append({**daily, "begin_time": begin, "end_time": at, "repeat_period_in_day": 700})
            found.append({**daily, "begin_time": begin, "completion_time": at, "repeat_period_in_day": 2400})
    found.append({**daily, "detailed_daily_schedules": [{"begin_time": at} for at in times]})
    found.append({**daily, "repeat_pause": 900})
    found.append({"days_repeat_period": 2, "begin_time": times[2]})
    return [*found, {"begin_time": times[2]}]


CRONS = (
    "*/20 * * * *",
    "30 * * * *",
    "*/30 0-3,22,23 * * *",
    "0,30 0-4,22,23 * * *",
    "15 1,2,23 * * *",
    "0 0 * * *",
    "7 */2 * * *",
)


def check(change: Change, data: dict[str, Any]) -> None:
    data = {"timezone": change.zone, **data}
    since, until = change.at - SPAN, change.at + SPAN
    found = [
        oracle.Expected(each.start, each.closes_at, each.stop_at, each.repeat_pause)
        for each in takewhile(
            lambda each: each.start <= until, Schedule.parse(data).occurrences(since - oracle.SECOND, since)
        )
    ]
    plain = CronOracle(data).occurrences(since, until) if "cron" in data else oracle.occurrences([data], since, until)
    assert found == plain, f"{change}\n{as_yaml(data)}"


def test_the_zones_are_those_whose_clocks_changed() -> None:
    """Not a list that somebody keeps: but these at least must have been found."""
    found = all_changes()
    offsets = {name: {each.after for each in of_zone} for name, of_zone in found.items()}
    for name in EXPECTED_ZONES:
        assert {each.after for each in changes(name)} in offsets.values(), name
    assert timedelta(minutes=30) in {each.after - each.before for of_zone in found.values() for each in of_zone}
    assert len(found) > 100
    assert sum(len(of_zone) for of_zone in found.values()) > 4000


@pytest.fixture(scope="module")
def thorough(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("thorough"))


@pytest.fixture(scope="module")
def for_many(*, thorough: bool) -> list[Change]:
    """The changes around which the larger family is tried."""
    found = all_changes()
    if not thorough:
        return of_each_shape(found.values())
    every = [each for of_zone in found.values() for each in of_zone]
    return every + of_each_shape(changes(zone, CENTURY) for zone in found)


def test_around_every_change() -> None:
    for change in (each for of_zone in all_changes().values() for each in of_zone):
        for data in few(change):
            check(change, data)


def test_around_a_change_of_every_shape(for_many: list[Change]) -> None:
    for change in for_many:
        for data in many(change):
            check(change, data)


def test_cron_expressions_around_a_change_of_every_shape(for_many: list[Change]) -> None:
    for change in for_many:
        for expression in CRONS:
            check(change, {"cron": expression})


def test_hourly_is_once_in_every_hour_of_a_day_whatever_its_length() -> None:
    """The number of starts follows from the length of the local day alone."""
    lengths = set()
    for change in (each for of_zone in all_changes().values() for each in of_zone):
        schedule = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 3600}, timezone=change.zone)
        info = ZoneInfo(change.zone)
        for wall in {each.date() for each in change.walls}:
            begin, end = oracle.day_begin(info, wall), oracle.day_begin(info, wall + oracle.DAY)
            found = [each.start for each in schedule.next_occurrences(begin - oracle.SECOND, 30, begin)]
            hours = -((begin - end) // timedelta(hours=1))
            expected = [begin + number * timedelta(hours=1) for number in range(hours)]
            assert [each for each in found if each < end] == expected, change
            lengths.add(end - begin)
    assert {timedelta(hours=23), timedelta(hours=25), timedelta(hours=23.5), timedelta(hours=24.5)} <= lengths
