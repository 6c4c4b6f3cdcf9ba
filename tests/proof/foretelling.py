"""What an engine must do, foretold from the rules and the plain oracle: every start and every miss.

A story says what happens to the engine and how long runs take; `foretell` gives what follows from it for one job, and
shares no code with the engine. Walks through simulated time tell the same story to the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.schedule.oracle import SECOND, Expected

Run = tuple[datetime, datetime]
"""The begin and the end of a run."""


@dataclass(frozen=True)
class Outage:
    """No engine runs from `begin` to just before `end`.

    A clean stop ends runs as it begins; what a crash interrupts is found, and ended, once an engine is back.
    """

    begin: datetime
    end: datetime
    clean: bool


@dataclass(frozen=True)
class Hold:
    """Something keeps a job from starting from `begin` to just before `end`."""

    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Start:
    nominal: datetime
    begin: datetime


@dataclass(frozen=True)
class Story:
    """What happens to one job. `length` says how long a run takes that begins at an instant.

    Under one of `locks` no scheduled job starts; `holds` are for this one alone.
    """

    since: datetime
    until: datetime
    outages: Sequence[Outage]
    locks: Sequence[Hold]
    holds: Sequence[Hold]
    length: Callable[[datetime], timedelta]

    def end_of_run(self, begin: datetime, stop_at: datetime | None) -> datetime:
        end = begin + self.length(begin)
        if stop_at is not None:
            end = min(end, stop_at)
        for outage in self.outages:
            if begin < outage.begin < end:
                return outage.begin if outage.clean else outage.end
        return end


@dataclass
class Foretold:
    """`missed` are nominal starts, in order.

    Nothing is noted while a run or the pause after it is not over: where that is so at the story's end, misses are
    known up to `settled` only.
    """

    starts: list[Start]
    missed: list[datetime]
    settled: datetime


def foretell(found: Sequence[Expected], story: Story) -> Foretold:
    """What becomes of a job with these occurrences, which come in order."""
    told = Foretold([], [], story.until)
    done = 0
    last: Run | None = None
    while (begin := _next_begin(found, done, story, last)) is not None:
        passed = _up_to(found, done, begin)
        told.missed += [each.start for each in passed if _closed(each, begin)]
        able = [each for each in passed if not _closed(each, begin) and _free_at(each, last) <= begin]
        told.starts.append(Start(able[-1].start, begin))
        last = (begin, story.end_of_run(begin, able[-1].stop_at))
        done += len(passed)
    rest = _up_to(found, done, story.until)
    told.missed += [each.start for each in rest if _closed(each, story.until)]
    if last and any(_free_at(each, last) > story.until for each in rest):
        told.settled = last[0]
    return told


def _up_to(found: Sequence[Expected], done: int, at: datetime) -> list[Expected]:
    """Those that nothing has dealt with before, and that start by then."""
    until = done
    while until < len(found) and found[until].start <= at:
        until += 1
    return list(found[done:until])


def _closed(each: Expected, at: datetime) -> bool:
    return at >= each.closes_at + SECOND


def _free_at(each: Expected, last: Run | None) -> datetime:
    return each.start if last is None else max(each.start, last[1] + timedelta(seconds=each.pause))


def _next_begin(found: Sequence[Expected], done: int, story: Story, last: Run | None) -> datetime | None:
    """The earliest instant up to the story's end at which one of them can start."""
    best: datetime | None = None
    for index in range(done, len(found)):
        each = found[index]
        if each.start > (best or story.until):
            break
        at = _out_of_halts(_free_at(each, last), story, last)
        if at <= story.until and (best is None or at < best) and not _closed(each, at):
            best = at
    return best


def _out_of_halts(at: datetime, story: Story, last: Run | None) -> datetime:
    """The first instant from `at` on in which an engine runs and nothing holds the job.

    Nothing can take hold of a job that runs.
    """
    holds = [each for each in story.holds if last is None or not last[0] < each.begin < last[1]]
    kept: list[Outage | Hold] = [*story.outages, *story.locks, *holds]
    halts = sorted((each.begin, each.end) for each in kept)
    for begin, end in halts:
        if begin <= at < end:
            at = end
    return at
