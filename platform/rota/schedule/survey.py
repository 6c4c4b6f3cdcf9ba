"""Where the occurrences of one series stand at an instant: closed, open, or yet to come. Used by `assess`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rota.schedule.occurrence import Window
from rota.schedule.series import Series


class Starts(NamedTuple):
    """Some successive starts of a window."""

    window: Window
    offsets: Sequence[int]

    @property
    def first(self) -> int:
        return self.window.base + self.offsets[0]

    @property
    def last(self) -> int:
        return self.window.base + self.offsets[-1]

    def has(self, start: int) -> bool:
        return start - self.window.base in self.offsets

    def each(self, *, backwards: bool = False) -> Iterator[int]:
        offsets = reversed(self.offsets) if backwards else iter(self.offsets)
        return (self.window.base + offset for offset in offsets)


class LastRun(NamedTuple):
    """The last run's beginning and end, as far as there are any, in whole seconds since 1970."""

    begin: int | None = None
    end: int | None = None


@dataclass(slots=True)
class Survey:
    """The starts of a series after some instant: closed before `at`, open at it, and the next one."""

    series: Series
    closed: list[Starts] = field(default_factory=list)
    open: list[Starts] = field(default_factory=list)
    upcoming: tuple[int, Window] | None = None

    @property
    def next_event(self) -> tuple[int, Window] | None:
        """The earliest start that is open, else the one to come."""
        return (self.open[0].first, self.open[0].window) if self.open else self.upcoming


def survey(series: Series, *, at: int, after: int, last_run: LastRun) -> Survey:
    """Looks at the starts later than `after`, up to the first later than `at`, window by window."""
    result = Survey(series)
    for opened in series.windows(after):
        window = _continued(opened, series, last_run) if series.daily.follows_runs else opened
        begin = window.after(after)
        until = max(begin, window.after(at))
        closed = max(begin, _closed(series, window, at))
        if closed > begin:
            result.closed.append(Starts(window, window.offsets[begin:closed]))
        if until > closed:
            result.open.append(Starts(window, window.offsets[closed:until]))
        if until < len(window.offsets):
            result.upcoming = window.base + window.offsets[until], window
            break
    return result


def _closed(series: Series, window: Window, at: int) -> int:
    """The index of the first start that has not closed before `at`."""
    if window.last < at:
        return len(window.offsets)
    within = series.daily.start_within
    return 0 if within is None else window.after(at - within - 1)


def _continued(window: Window, series: Series, last_run: LastRun) -> Window:
    """A window whose next start follows the end of the run that began in it."""
    begin, end = last_run
    if begin is None or end is None or begin < window.base:
        return window
    pause = series.daily.repeat_pause
    base = max(begin, end) + pause
    return window._replace(base=base, offsets=range(0, window.last - base + 1, pause))
