"""The window of a calendar as it opens on every run day: the six time keys. Used by calendars and what words them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from rota.schedule.fields import Writer, time_text, written
from rota.schedule.occurrence import Window
from rota.schedule.series import Daily
from rota.schedule.zones import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyWindow:
    """Times are in seconds after midnight, durations in seconds; the names are those of the data."""

    begin_time: int = 0
    end_time: int | None = None
    repeat_period_in_day: int = 0
    repeat_pause: int = 0
    completion_time: int | None = None
    completion_interval: int = 0

    WRITERS: ClassVar[dict[str, Writer]] = {
        "begin_time": time_text,
        "end_time": time_text,
        "repeat_period_in_day": int,
        "repeat_pause": int,
        "completion_time": time_text,
        "completion_interval": int,
    }

    @property
    def crosses_midnight(self) -> bool:
        return self.end_time is not None and self.end_time < self.begin_time

    @property
    def follows_runs(self) -> bool:
        """Whether the end of a run sets the next start: a pause, and no period."""
        return bool(self.repeat_pause and not self.repeat_period_in_day)

    def daily(self, zone: Zone, start_within: int | None) -> Daily:
        """What opens on each run day."""
        return Daily(
            zone=zone,
            opened=self.opened,
            start_within=start_within,
            repeat_pause=self.repeat_pause,
            completion_interval=self.completion_interval or None,
            follows_runs=self.follows_runs,
        )

    def opened(self, day: int, zone: Zone) -> list[Window]:
        """The window that opens on a local date which exists.

        Its opening always is an occurrence, even where the clock jumps from before it to the end of the day. A
        pause without a period counts as the period: that is what comes out when runs take no time.
        """
        opening = zone.instant(day, self.begin_time)
        if self.end_time is None:
            last = max(opening, zone.begin(day + 1) - 1)
        else:
            last = zone.instant(day + self.crosses_midnight, self.end_time)
        stop = None
        if self.completion_time is not None:
            stop = next(instant for instant in zone.instants(day, self.completion_time) if instant > opening)
            last = min(last, stop - 1)
        period = self.repeat_period_in_day or self.repeat_pause
        return [Window(opening, range(0, last - opening + 1, period) if period else range(1), last, stop)]

    def to_data(self) -> dict[str, Any]:
        """Canonical JSON: whatever differs from the defaults."""
        return written(self, self.WRITERS)
