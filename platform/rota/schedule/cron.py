"""Cron expressions: the door of cronsim. Built by parsing, placed in time by `Schedule`.

cronsim reads the expression, with Debian cron's rules, and says which days match; on days without a clock
change the rest is arithmetic, so that the next match costs microseconds and the matches of a year can be
counted.

Where clocks change, Debian's rules tell two kinds of expressions apart. One whose minute or hour begins with
a star follows the wall clock: it matches whenever the clock shows a matching time, twice where an hour is
repeated and never where it is left out. Any other names definite times: one inside a gap stands for the
instant the gap ends, a repeated one for its first instant. In both, starts are strictly increasing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cached_property, lru_cache
from operator import eq
from typing import Any, ClassVar

from cronsim import CronSim, CronSimError

from rota.schedule.days import RunDays, Shape
from rota.schedule.fields import Writer, date_text, show, time_text, written
from rota.schedule.occurrence import Window
from rota.schedule.problems import rejected
from rota.schedule.series import Daily, Series
from rota.schedule.zones import Zone

NAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_FIELDS = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day-of-month": "1 to 31, L for the last one; the months must have such a day",
    "month": "1 to 12, or jan to dec",
    "day-of-week": "0 to 7, where 0 and 7 are Sunday, or mon to sun",
}
_INSTEAD = {
    "@every": "a calendar repeats: {days_repeat_period: 1, repeat_period_in_day: 5m}",
    "@reboot": "a schedule knows times only: leave it out, and start the job by hand",
}

_MAX_LENGTH = 500
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019"
_ODD = re.compile(r"[^0-9A-Za-z*/,#\s-]")


def cron_expression(value: Any) -> str:
    """Reads an expression into its canonical form: five fields, one space apart, names in capitals."""
    if not isinstance(value, str):
        raise _bad_cron(f"{show(value)} is not text", hint='in quotes, as in "0 9 * * mon-fri"')
    name = value.strip().lower()
    if name.startswith("@"):
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            hint = _INSTEAD.get(name.split()[0]) or (f"did you mean {close[0]}?" if close else None)
            raise _bad_cron(f"{show(value)} is not one of {', '.join(NAMES)}", hint)
        return NAMES[name]
    fields = value[: _MAX_LENGTH + 1].split()
    if len(value) > _MAX_LENGTH or len(fields) != 5:
        hint = "there is no field for seconds: leave the first one out" if len(fields) == 6 else None
        raise _bad_cron(f"{show(value)} does not have the five fields minute, hour, day of month, month, weekday", hint)
    odd = _ODD.search(value)
    if odd is not None:
        hint = "write * for every day" if odd[0] == "?" else "leave the quotes out" if odd[0] in _QUOTES else None
        raise _bad_cron(f"{show(value)} has the character {odd[0]}, which means nothing in one", hint)
    expression = " ".join(fields).upper()
    _compiled(expression)
    return expression


def _bad_cron(message: str, hint: str | None = None) -> Exception:
    return rejected(f"not a cron expression: {message}", code="schedule.bad-cron", hint=hint)


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> CronSim:
    """The expression as cronsim understands it; only its tables are used, never its place in time."""
    try:
        return CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
    except (CronSimError, ValueError) as error:
        hint = next((f"{field}: {takes}" for field, takes in _FIELDS.items() if str(error) == f"Bad {field}"), None)
        raise _bad_cron(f"{show(expression)}: {error}", hint) from None


@lru_cache(maxsize=1)
def _example_months() -> dict[Shape, date]:
    """The first day of some month of each shape; 28 years without a century have them all."""
    firsts = [date(year, month, 1) for year in range(2000, 2028) for month in range(1, 13)]
    nexts = [*firsts[1:], date(2028, 1, 1)]
    return {((later - first).days, first.weekday()): first for first, later in zip(firsts, nexts, strict=True)}


@dataclass(frozen=True, slots=True)
class CronDays:
    """The fields of an expression that name days: day of month, month and weekday. Equal ones share their tables."""

    fields: str

    def __call__(self, shape: Shape) -> tuple[int, ...]:
        """The days of a month of that shape that match, as cronsim decides."""
        compiled, first = _compiled(f"0 0 {self.fields}"), _example_months()[shape]
        return tuple(day for day in range(1, shape[0] + 1) if compiled.match_day(first.replace(day=day)))


@dataclass(frozen=True, kw_only=True)
class Cron:
    """A schedule by cron expression, in normal form; times and durations in seconds."""

    zone: Zone
    expression: str
    begin_date: date | None = None
    end_date: date | None = None
    start_within: int | None = None
    repeat_pause: int = 0
    completion_time: int | None = None
    completion_interval: int = 0

    WRITERS: ClassVar[dict[str, Writer]] = {
        "begin_date": date_text,
        "end_date": date_text,
        "start_within": int,
        "repeat_pause": int,
        "completion_time": time_text,
        "completion_interval": int,
    }

    @cached_property
    def days(self) -> RunDays:
        """The days that match."""
        return RunDays(
            CronDays(self.expression.split(maxsplit=2)[2]),
            months=_compiled(self.expression).months,
            begin=self.begin_date.toordinal() if self.begin_date else None,
            end=self.end_date.toordinal() if self.end_date else None,
        )

    @cached_property
    def times(self) -> Sequence[int]:
        """The matching times of an ordinary day; a range where they are evenly spaced."""
        compiled = _compiled(self.expression)
        times = tuple(
            hour * 3600 + minute * 60 for hour in sorted(compiled.hours) for minute in sorted(compiled.minutes)
        )
        even = range(times[0], times[-1] + 1, times[1] - times[0] if len(times) > 1 else 1)
        return even if len(even) == len(times) and all(map(eq, even, times)) else times

    @cached_property
    def series(self) -> tuple[Series]:
        """All matches."""
        daily = Daily(
            zone=self.zone,
            opened=self._opened,
            start_within=self.start_within,
            repeat_pause=self.repeat_pause,
            completion_interval=self.completion_interval or None,
        )
        return (Series(daily, self.days),)

    @property
    def pauses(self) -> bool:
        """Whether a start may have to wait for some time after the end of a run."""
        return self.repeat_pause > 0

    def place(self, since: int) -> tuple[Series]:  # noqa: ARG002  # a calendar's run days may depend on it
        """The same, whenever the schedule became active."""
        return self.series

    def explain(self) -> str:
        """The expression in English, as cronsim words it."""
        return _compiled(self.expression).explain()

    def is_impossible(self) -> bool:
        """Whether no day ever matches."""
        return self.days.first(0, None) is None

    def _opened(self, day: int, zone: Zone) -> list[Window]:
        """The day's matches; one that a gap moves to the end of the day is open for that instant alone."""
        base, offsets = self._matches(day, zone)
        end = zone.begin(day + 1)
        inside = bisect_left(offsets, end - base)
        parts = Window(base, offsets[:inside], end - 1, None), Window(base, offsets[inside:], end, None)
        return [window for part in parts if part.offsets for window in self._completed(day, part, zone)]

    def _completed(self, day: int, whole: Window, zone: Zone) -> Iterator[Window]:
        """The window, or one for each completion instant that bounds some of its starts."""
        if self.completion_time is None:
            yield whole
            return
        done = 0
        for stop in zone.instants(day, self.completion_time):
            until = whole.after(stop - 1)
            if until > done:
                yield whole._replace(offsets=whole.offsets[done:until], last=min(whole.last, stop - 1), stop=stop)
            done = max(done, until)

    def _matches(self, day: int, zone: Zone) -> tuple[int, Sequence[int]]:
        """The day's matches, strictly increasing, and the instant from which they count."""
        if zone.is_regular(day):
            return zone.begin(day), self.times
        if self.follows_the_wall_clock:
            return 0, zone.readings(day, *self.times)
        found = {zone.instant(day, time) for time in self.times}
        if self._matches_first_thing(day + 1, zone):  # a gap up to midnight leads there too
            found.discard(zone.begin(day + 1))
        return 0, sorted(found)

    def _matches_first_thing(self, day: int, zone: Zone) -> bool:
        """Whether the first instant of the day is a match of its own."""
        return self.days.first(day, None) == day and zone.instant(day, self.times[0]) == zone.begin(day)

    @property
    def follows_the_wall_clock(self) -> bool:
        minute, hour, *_ = self.expression.split()
        return minute.startswith("*") or hour.startswith("*")

    def to_data(self) -> dict[str, Any]:
        """Canonical JSON: the zone, and whatever differs from the defaults."""
        return {"timezone": self.zone.name, "cron": self.expression, **written(self, self.WRITERS)}
