"""A second, deliberately plain implementation of the schedule rules, to check the real one against.

It walks day by day and second by second, keeps every occurrence in a list, and shares no code with what it checks.
It knows canonical data only: numbers for weekdays, months and durations, `HH:MM[:SS]` for times.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Expected:
    start: datetime
    closes_at: datetime
    stop_at: datetime | None
    pause: int = 0


@cache  # the walk through a gap is as slow as it is plain
def instant(zone: ZoneInfo, day: date, at: time) -> datetime:
    """What a wall time stands for: its first instant, or the end of the gap that it lies in."""
    for fold in (0, 1):
        candidate = datetime.combine(day, at, tzinfo=zone).replace(fold=fold).astimezone(UTC)
        if candidate.astimezone(zone).replace(tzinfo=None, fold=0) == datetime.combine(day, at):
            return candidate
    # In a gap: the later offset gives an instant before it; from there on, look for the first changed clock.
    moment = datetime.combine(day, at, tzinfo=zone).replace(fold=1).astimezone(UTC)
    offset = moment.astimezone(zone).utcoffset()
    while moment.astimezone(zone).utcoffset() == offset:
        moment += SECOND
    return moment


def day_begin(zone: ZoneInfo, day: date) -> datetime:
    return instant(zone, day, time())


def is_run_day(data: dict[str, Any], day: date, anchor: date) -> bool:
    """Rules 1 to 6, without the single day."""
    length = monthrange(day.year, day.month)[1]
    nth_of_month = data.get("day_in_month", 0)
    nth_week_day = data.get("week_day_in_month", 0)
    same_week_days = [number for number in range(1, length + 1) if (number - day.day) % 7 == 0]
    position = same_week_days.index(day.day)
    monday, anchor_monday = day - DAY * day.weekday(), anchor - DAY * anchor.weekday()
    checks = [
        "begin_date" not in data or date.fromisoformat(data["begin_date"]) <= day,
        "end_date" not in data or day <= date.fromisoformat(data["end_date"]),
        day.month in data.get("months", range(1, 13)),
        day.isoweekday() in data.get("week_days", range(1, 8)),
        nth_of_month == 0 or (day.day == nth_of_month if nth_of_month > 0 else day.day == length + 1 + nth_of_month),
        nth_week_day == 0
        or (position + 1 == nth_week_day if nth_week_day > 0 else position - len(same_week_days) == nth_week_day),
        data.get("weeks_period", 1) <= 1 or (monday - anchor_monday).days // 7 % data["weeks_period"] == 0,
        data.get("days_repeat_period", 0) <= 1 or (day - anchor).days % data["days_repeat_period"] == 0,
    ]
    return all(checks)


def window_occurrences(data: dict[str, Any], window: dict[str, Any], zone: ZoneInfo, day: date) -> list[Expected]:
    """The occurrences of one window on one run day."""
    begin_time = time.fromisoformat(window.get("begin_time", "00:00"))
    opening = instant(zone, day, begin_time)
    if "end_time" in window:
        end_time = time.fromisoformat(window["end_time"])
        last = instant(zone, day + DAY if end_time < begin_time else day, end_time)
    else:
        last = max(opening, day_begin(zone, day + DAY) - SECOND)
    stop: datetime | None = None
    if "completion_time" in window:
        completion_time = time.fromisoformat(window["completion_time"])
        candidates = [instant(zone, day + number * DAY, completion_time) for number in range(3)]
        stop = min(candidate for candidate in candidates if candidate > opening)
        last = min(last, stop - SECOND)
    pause = window.get("repeat_pause", 0)
    step = window.get("repeat_period_in_day", 0) or pause
    found, start = [], opening
    while start <= last:
        closes = last
        if "start_within" in data:
            closes = min(last, start + timedelta(seconds=data["start_within"]))
        found.append(Expected(start, closes, stop, pause))
        if not step:
            break
        start += timedelta(seconds=step)
    return found


def calendar_occurrences(data: dict[str, Any], since: datetime, until: datetime) -> list[Expected]:
    """Every occurrence of a calendar from `since` up to `until`, window by window as they are listed."""
    zone = ZoneInfo(data["timezone"])
    anchor = date.fromisoformat(data["begin_date"]) if "begin_date" in data else since.astimezone(zone).date()
    windows = data.get("detailed_daily_schedules") or [data]
    found: list[list[Expected]] = [[] for _ in windows]
    day = min(anchor, since.astimezone(zone).date() - 2 * DAY)
    single = data.get("days_repeat_period", 0) == 0
    while day <= until.astimezone(zone).date() + DAY:
        exists = day_begin(zone, day) < day_begin(zone, day + DAY)
        if exists and is_run_day(data, day, anchor) and not (single and day < anchor):
            if single and "begin_date" in data and day != anchor:
                break
            today = [window_occurrences(data, window, zone, day) for window in windows]
            for of_window, new in zip(found, today, strict=True):
                of_window += [each for each in new if since <= each.start <= until]
            if single and any(each.start >= since for new in today for each in new):
                break
        day += DAY
    return [each for of_window in found for each in of_window]


def merged(found: list[Expected]) -> list[Expected]:
    """By start; of equal ones the one that closes last, and of those the first listed."""
    best: dict[datetime, Expected] = {}
    for each in found:
        if each.start not in best or each.closes_at > best[each.start].closes_at:
            best[each.start] = each
    return [best[start] for start in sorted(best)]


def occurrences(members: list[dict[str, Any]], since: datetime, until: datetime) -> list[Expected]:
    return merged([each for data in members for each in calendar_occurrences(data, since, until)])
