"""Occurrences and the windows they lie in. Calendars and cron expressions make them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An instant from which a job may be started; all instants are in UTC and whole seconds."""

    start: datetime
    closes_at: datetime
    """The last second in which a late start may still happen."""
    stop_at: datetime | None
    """The completion instant: a run still going then is stopped."""
    repeat_pause: int
    """Seconds that must lie between the end of the last run and this start."""
    completion_interval: int | None
    """Seconds after its beginning at which a run still going is stopped."""


class Window(NamedTuple):
    """A stretch of time with its starts, `base` plus each of `offsets` (increasing), in seconds since 1970.

    `last` is the last second in which any of them may start, `stop` the completion instant.
    """

    base: int
    offsets: Sequence[int]
    last: int
    stop: int | None

    @property
    def final(self) -> int:
        """The last of the starts."""
        return self.base + self.offsets[-1]

    def after(self, instant: int) -> int:
        """The index of the first start later than `instant`; the number of starts where there is none."""
        return bisect_right(self.offsets, instant - self.base)


@dataclass(slots=True)
class Series:
    """The windows of a schedule, or of one of its parts, once it is placed in time.

    They come in order, and `windows(instant)` begins with the first whose `last` is later than that instant.
    No two of a series overlap, so `closes` never decreases from one start to the next. `since` is the
    earliest start.
    """

    windows: Callable[[int], Iterator[Window]]
    since: int
    start_within: int | None
    repeat_pause: int
    completion_interval: int
    follows_runs: bool = False
    """Whether the next start is set by the end of the last run: a pause, and no period of its own."""

    def closes(self, window: Window, start: int) -> int:
        """The last second in which the occurrence may start."""
        return window.last if self.start_within is None else min(window.last, start + self.start_within)

    def starts(self, after: int) -> Iterator[tuple[int, Window]]:
        """The starts later than `after`, each with its window."""
        after = max(after, self.since - 1)
        for window in self.windows(after):
            for offset in window.offsets[window.after(after) :]:
                yield window.base + offset, window

    def occurrence(self, window: Window, start: int) -> Occurrence:
        """The occurrence of this window with that start."""
        return Occurrence(
            datetime.fromtimestamp(start, UTC),
            datetime.fromtimestamp(self.closes(window, start), UTC),
            None if window.stop is None else datetime.fromtimestamp(window.stop, UTC),
            self.repeat_pause,
            self.completion_interval or None,
        )
