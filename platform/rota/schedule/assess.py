"""What the engine asks: what to start now, what was missed, and when to look again. Called by `Schedule`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rota.schedule.instants import MICROSECONDS, from_microseconds
from rota.schedule.missed import missed
from rota.schedule.occurrence import Occurrence, Window
from rota.schedule.series import Placed, Series
from rota.schedule.survey import LastRun, Survey, survey
from rota.schedule.zones import DAY

LONGEST_WAIT = 3 * DAY
"""No occurrence can start so late: no window is open that long, however clocks change."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Where a schedule stands, for a caller who has dealt with every start up to `considered`."""

    due: Occurrence | None
    """What to start now: the latest that nothing holds; all that are open with it make this one run."""
    missed: int
    """How many occurrences closed before they could start."""
    first_missed: Occurrence | None
    last_missed: Occurrence | None
    look_again: datetime | None
    """The earliest later instant at which something can become due or missed, once what is due now has been
    started; none: never again."""
    held_by_pause: bool
    """Nothing is due, and an open occurrence would be but for `repeat_pause`."""
    first_open: datetime | None
    """The earliest start that is open, be it held back or not."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant and what came before it: `at` and `last_end` in microseconds, the others in seconds."""

    at: int
    last_end: int | None
    considered: int | None
    last_begin: int | None

    def survey(self, placed: Sequence[Placed]) -> list[Survey]:
        at = self.at // MICROSECONDS
        end = None if self.last_end is None else self.last_end // MICROSECONDS
        run = LastRun(self.last_begin, end)
        handled = [instant for instant in (self.considered, self.last_begin) if instant is not None]
        return [survey(series, at=at, after=max([since - 1, *handled]), last_run=run) for series, since in placed]

    def pause_end(self, series: Series) -> int:
        """The first microsecond in which the series may start again."""
        return self.at if self.last_end is None else self.last_end + series.daily.repeat_pause * MICROSECONDS


def is_due(placed: Sequence[Placed], moment: Moment) -> bool:
    """Whether anything is open that no pause holds back."""
    return _due(moment.survey(placed), moment) is not None


def assess(placed: Sequence[Placed], moment: Moment) -> Assessment:
    """Looks at everything that no start and no run has dealt with yet."""
    surveys = moment.survey(placed)
    due = _due(surveys, moment)
    count, first, last = missed(surveys)
    still_open = [part.open[0].first for part in surveys if part.open]
    return Assessment(
        due=due,
        missed=count,
        first_missed=first,
        last_missed=last,
        look_again=_look_again(surveys, moment, taken=due is not None),
        held_by_pause=due is None and bool(still_open),
        first_open=from_microseconds(min(still_open) * MICROSECONDS) if still_open else None,
    )


def _due(surveys: Sequence[Survey], moment: Moment) -> Occurrence | None:
    """The latest open start whose own pause is over; among equals the one that closes last."""
    free = [
        (latest.last, part.series.closes(latest.window, latest.last), part.series, latest.window)
        for part in surveys
        for latest in part.open[-1:]
        if moment.pause_end(part.series) <= moment.at
    ]
    if not free:
        return None
    start, _, series, window = max(free, key=lambda each: each[:2])
    return series.occurrence(window, start)


def _look_again(surveys: Sequence[Survey], moment: Moment, *, taken: bool) -> datetime | None:
    events = [
        _event(part, moment, candidate)
        for part in surveys
        if (candidate := part.upcoming if taken else part.next_event) is not None
    ]
    return from_microseconds(min(events)) if events else None


def _event(part: Survey, moment: Moment, candidate: tuple[int, Window]) -> int:
    """When the candidate can start, or is missed because its pause outlives it; in microseconds."""
    start, window = candidate
    closed = (part.series.closes(window, start) + 1) * MICROSECONDS
    return max(start * MICROSECONDS, min(moment.pause_end(part.series), closed))
