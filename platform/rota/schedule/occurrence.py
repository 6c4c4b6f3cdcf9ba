"""Occurrences and the windows they lie in. Calendars and cron expressions make them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Occurrence(NamedTuple):
    """An instant from which a job may be started; all instants are in UTC and whole seconds.

    What follows the start is kept in seconds after it and made an instant when it is asked for: an instant costs
    as much as a third of the whole search.
    """

    start: datetime
    open_for: int
    """Seconds after the start in which a late start may still happen."""
    stop_after: int | None
    """Seconds from the start to the completion instant."""
    repeat_pause: int
    """Seconds that must lie between the end of the last run and this start."""
    completion_interval: int | None
    """Seconds after its beginning at which a run still going is stopped."""

    @property
    def closes_at(self) -> datetime:
        """The last second in which a late start may still happen."""
        return self.start + timedelta(seconds=self.open_for)

    @property
    def stop_at(self) -> datetime | None:
        """The completion instant: a run still going then is stopped."""
        return None if self.stop_after is None else self.start + timedelta(seconds=self.stop_after)


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

    def shifted(self, seconds: int) -> Window:
        """The same, so many seconds later."""
        stop = None if self.stop is None else self.stop + seconds
        return Window(self.base + seconds, self.offsets, self.last + seconds, stop)
