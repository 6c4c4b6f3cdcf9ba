"""The public face of this room: a schedule answers when a job may start and when it must stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from rota.schedule import instants, union
from rota.schedule.advice import advice
from rota.schedule.assess import LONGEST_WAIT, Assessment, Moment, assess, is_due
from rota.schedule.occurrence import Occurrence
from rota.schedule.parsing import Member, is_list, parse_members
from rota.schedule.problems import ScheduleProblem
from rota.schedule.series import Placed, Series
from rota.schedule.union import Finder
from rota.schedule.wording import describe

if TYPE_CHECKING:
    from rota.schedule.trigger import ScheduleTrigger


@dataclass(frozen=True, repr=False)
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

    @cached_property
    def data(self) -> dict[str, Any] | list[dict[str, Any]]:
        """The same, put together once: it is shared, and nobody may change it."""
        return self.to_data()

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
        find = self._finder
        if find is not None and active_since is None:  # most often, and a twentieth faster than to go the other way
            instant = instants.floor(after)
        else:
            find, instant = self._after(after, active_since)
        found: list[Occurrence] = []
        while count > 0 and (occurrence := find(instant)) is not None:
            found.append(occurrence)
            if count := count - 1:
                instant = instants.floor(occurrence.start)
        return found

    def occurrences(self, after: datetime, active_since: datetime | None = None) -> Iterator[Occurrence]:
        """The nominal occurrences with a start later than `after`, found as they are asked for.

        Without `active_since` a member counts as active since its `begin_date`, or where it has none since
        `after`.
        """
        return _each(*self._after(after, active_since))

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
        if active_since is not None:
            placed = _place(self.members, instants.ceiling(active_since))
        else:
            placed = [each for member in self.members for each in _place([member], _begin(member, second))]
        return is_due(placed, _moment(at, second - LONGEST_WAIT, last_begin, last_end))

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
        if last_begin is not None:
            last_begin = last_begin.replace(microsecond=0)
        if last_end is not None and instants.since_epoch(last_end) <= instants.since_epoch(at) and not self._pauses:
            last_end = None  # nothing is held back: it makes no difference when the run ended
        return _assessed(self, at, active_since, considered, (last_begin, last_end))

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

    @cached_property
    def _finder(self) -> Finder | None:
        """What finds the next occurrence; none where run days depend on when the schedule became active."""
        found: list[Series] = []
        for member in self.members:
            if member.series is None:
                return None
            found += member.series
        return union.finder(found)

    @cached_property
    def _pauses(self) -> bool:
        """Whether the end of a run has a say in when the next one may start."""
        return any(member.pauses for member in self.members)

    @cached_property
    def _hash(self) -> int:
        return hash(self.members)

    def _after(self, after: datetime, active_since: datetime | None) -> tuple[Finder, int]:
        """What finds nominal occurrences, and the instant that they have to be later than."""
        since = instants.ceiling(after if active_since is None else active_since)
        find = self._finder or union.finder([series for series, _ in _place(self.members, since)])
        return find, max(instants.floor(after), since - 1)

    def __hash__(self) -> int:
        """Reckoned once: a schedule that many jobs share is looked up for each of them."""
        return self._hash

    def __str__(self) -> str:
        return self.describe()

    def __repr__(self) -> str:
        return f"Schedule.parse({self.to_data()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Schedule.parse, (self.to_data(),)


@lru_cache(maxsize=1024)
def _assessed(
    schedule: Schedule,
    at: datetime,
    active_since: datetime,
    considered: datetime | None,
    last_run: tuple[datetime | None, datetime | None],
) -> Assessment:
    """Kept, since jobs that share a schedule and came with one update stand at the same point of it.

    Where a thousand of them are due in one second, this takes a tenth of the time.
    """
    cursor = None if considered is None else instants.floor(considered)
    return assess(_place(schedule.members, instants.ceiling(active_since)), _moment(at, cursor, *last_run))


def _place(members: Sequence[Member], since: int) -> list[Placed]:
    return [Placed(series, since) for member in members for series in member.place(since)]


def _begin(member: Member, instant: int) -> int:
    """Since when a member counts as active that is only asked about an instant."""
    day = member.begin_date.toordinal() if member.begin_date else member.zone.day(instant)
    return member.zone.begin(day)


def _each(find: Finder, instant: int) -> Iterator[Occurrence]:
    while (occurrence := find(instant)) is not None:
        yield occurrence
        instant = instants.floor(occurrence.start)


def _moment(at: datetime, considered: int | None, last_begin: datetime | None, last_end: datetime | None) -> Moment:
    return Moment(
        at=instants.microseconds(at),
        considered=considered,
        last_begin=None if last_begin is None else instants.floor(last_begin),
        last_end=None if last_end is None else instants.microseconds(last_end),
    )
