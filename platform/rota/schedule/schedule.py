"""The public face of this room: a schedule answers when a job may start and when it must stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from rota.schedule import instants, union
from rota.schedule.advice import advice
from rota.schedule.assess import LONGEST_WAIT, Assessment, Moment, assess, is_due
from rota.schedule.occurrence import Occurrence, Series
from rota.schedule.parsing import Member, is_list, parse_members
from rota.schedule.problems import ScheduleProblem
from rota.schedule.wording import describe

if TYPE_CHECKING:
    from rota.schedule.trigger import ScheduleTrigger


@dataclass(frozen=True, slots=True, repr=False)
class Schedule:
    """When a job may start: a calendar, a cron expression, or a union of these. Build one with `parse`.

    Immutable; schedules with equal canonical data are equal. Every instant taken and given is an aware
    datetime (a naive one raises `ValueError`), given ones are in UTC. Run days lie between 2 January of year
    1 and 28 December 9999.
    """

    members: tuple[Member, ...]
    listed: bool = field(default=False, compare=False)
    """Whether the data was a list, be it of one: warnings point into it."""

    @classmethod
    def parse(cls, data: Mapping[str, Any] | Sequence[Any] | str, *, timezone: str = "UTC") -> Schedule:
        """Reads a calendar, a mapping with `cron`, a cron expression, or a list of these.

        `timezone` is for those that name none. Raises `ScheduleError` with every problem of the data,
        whatever it is.
        """
        return cls(parse_members(data, timezone), listed=is_list(data))

    def to_data(self) -> dict[str, Any] | list[dict[str, Any]]:
        """Canonical JSON: the zone, and what differs from the defaults; `parse` gives the same schedule."""
        data = [member.to_data() for member in self.members]
        return data if len(data) > 1 else data[0]

    @property
    def timezones(self) -> tuple[str, ...]:
        """The zones that its dates and times are read in, each once."""
        return tuple(dict.fromkeys(member.zone.name for member in self.members))

    @property
    def timezone(self) -> str:
        """The zone of its only or first member."""
        return self.timezones[0]

    def next_occurrences(self, after: datetime, count: int, active_since: datetime | None = None) -> list[Occurrence]:
        """Up to `count` nominal occurrences with a start later than `after`."""
        return list(islice(self.occurrences(after, active_since), max(count, 0)))

    def occurrences(self, after: datetime, active_since: datetime | None = None) -> Iterator[Occurrence]:
        """The nominal occurrences with a start later than `after`, found as they are asked for.

        Without `active_since` a member counts as active since its `begin_date`, or where it has none since
        `after`.
        """
        default = instants.ceiling(after)
        return union.occurrences(self._place(active_since, lambda _: default), instants.floor(after))

    def execution_required(
        self,
        at: datetime,
        last_begin: datetime | None = None,
        last_end: datetime | None = None,
        active_since: datetime | None = None,
    ) -> bool:
        """Whether an occurrence later than the last run's beginning is open at `at`, and the pause is over.

        Without `active_since` a member counts as active since its `begin_date`, or where it has none since
        the start of `at`'s local day.
        """
        second = instants.floor(at)
        series = self._place(active_since, lambda member: member.zone.begin(member.zone.day(second)))
        return is_due(series, _moment(at, second - LONGEST_WAIT, last_begin, last_end))

    def assess(
        self,
        at: datetime,
        *,
        active_since: datetime,
        considered: datetime | None = None,
        last_begin: datetime | None = None,
        last_end: datetime | None = None,
    ) -> Assessment:
        """What to start at `at`, what was missed, and when to look again.

        Every start up to `considered`, and every one up to the last run's beginning, has been dealt with. The
        work is a few steps for each window since then, however many starts it has.
        """
        since = instants.ceiling(active_since)
        series = [each for member in self.members for each in member.place(since)]
        cursor = None if considered is None else instants.floor(considered)
        return assess(series, _moment(at, cursor, last_begin, last_end))

    def describe(self) -> str:
        """One sentence in plain English that names everything that is set."""
        return describe(self.members)

    def warnings(self, since: date | None = None) -> list[ScheduleProblem]:
        """What is legal and probably not meant.

        With `since`, also the starts that a clock change of the year after that date moves.
        """
        return advice(self.members, since, listed=self.listed)

    @property
    def is_impossible(self) -> bool:
        """Whether there never is an occurrence, whenever the schedule becomes active."""
        return all(member.is_impossible() for member in self.members)

    def as_trigger(self, active_since: datetime | None = None) -> ScheduleTrigger:
        """A trigger for any APScheduler 3; without `active_since`, active since it is first asked."""
        from rota.schedule.trigger import ScheduleTrigger

        return ScheduleTrigger(self, active_since)

    def _place(self, active_since: datetime | None, default: Callable[[Member], int]) -> list[Series]:
        """The series of all members; `default` is for one without `active_since` and `begin_date`."""
        since = None if active_since is None else instants.ceiling(active_since)
        return [
            series
            for member in self.members
            for series in member.place(_begin(member, default) if since is None else since)
        ]

    def __str__(self) -> str:
        return self.describe()

    def __repr__(self) -> str:
        return f"Schedule.parse({self.to_data()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Schedule.parse, (self.to_data(),)


def _begin(member: Member, default: Callable[[Member], int]) -> int:
    return member.zone.begin(member.begin_date.toordinal()) if member.begin_date else default(member)


def _moment(at: datetime, considered: int | None, last_begin: datetime | None, last_end: datetime | None) -> Moment:
    return Moment(
        at=instants.microseconds(at),
        considered=considered,
        last_begin=None if last_begin is None else instants.floor(last_begin),
        last_end=None if last_end is None else instants.microseconds(last_end),
    )
