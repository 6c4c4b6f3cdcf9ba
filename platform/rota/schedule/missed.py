"""Counts and names the occurrences that were missed, in a union once for each start. Used by `assess`."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rota.schedule.occurrence import Occurrence
from rota.schedule.survey import Starts, Survey
from rota.schedule.union import latest_to_close
from rota.schedule.zones import DAY


class Missed(NamedTuple):
    """How many, and the first and last of them."""

    number: int
    first: Occurrence | None
    last: Occurrence | None


def missed(surveys: Sequence[Survey]) -> Missed:
    """What closed before it could start; a start still open in another member of a union is not missed."""
    parts = [part for part in surveys if part.closed]
    if not parts:
        return Missed(0, None, None)
    if len(surveys) == 1:
        count = sum(len(starts.offsets) for starts in parts[0].closed)
    else:
        closed = [starts for part in surveys for starts in part.closed]
        still_open = [starts for part in surveys for starts in part.open]
        count = _distinct(closed, still_open)
    if not count:
        return Missed(0, None, None)
    return Missed(count, _end(surveys, backwards=False), _end(surveys, backwards=True))


def _end(surveys: Sequence[Survey], *, backwards: bool) -> Occurrence:
    """The first missed occurrence, or the last."""
    still_open = [starts for part in surveys for starts in part.open]
    ends = []
    for part in surveys:
        for starts in reversed(part.closed) if backwards else part.closed:
            candidates = (start for start in starts.each(backwards=backwards) if not _in_any(start, still_open))
            if (start := next(candidates, None)) is not None:
                ends.append(part.series.occurrence(starts.window, start))
                break
    chosen = (max if backwards else min)(each.start for each in ends)
    return latest_to_close(each for each in ends if each.start == chosen)


def _in_any(start: int, several: Sequence[Starts]) -> bool:
    return any(starts.has(start) for starts in several)


def _distinct(closed: Sequence[Starts], still_open: Sequence[Starts]) -> int:
    """How many different starts are in `closed` and not in `still_open`, day by day."""
    days: dict[int, list[tuple[bool, int, Sequence[int]]]] = defaultdict(list)
    for counts, several in ((True, closed), (False, still_open)):
        for starts in several:
            for day, base, offsets in _by_day(starts):
                days[day].append((counts, base, offsets))
    return sum(_distinct_in_day(pieces) for pieces in days.values())


def _by_day(starts: Starts) -> Iterator[tuple[int, int, Sequence[int]]]:
    """The starts, cut where days of UTC end: the day, the base within it, and the offsets."""
    window, offsets = starts.window, starts.offsets
    begin = 0
    while begin < len(offsets):
        day = (window.base + offsets[begin]) // DAY
        end = bisect_left(offsets, (day + 1) * DAY - window.base)
        yield day, window.base - day * DAY, offsets[begin:end]
        begin = end


def _distinct_in_day(pieces: Sequence[tuple[bool, int, Sequence[int]]]) -> int:
    """A sieve with one byte for each second: as fast for a start a second as for one a day."""
    if len(pieces) == 1:
        counts, _, offsets = pieces[0]
        return len(offsets) if counts else 0
    sieve = bytearray(DAY)
    for counts, base, offsets in pieces:
        mark = b"\1" if counts else b"\0"
        if isinstance(offsets, range):
            sieve[base + offsets[0] : base + offsets[-1] + 1 : offsets.step] = mark * len(offsets)
        else:
            for offset in offsets:
                sieve[base + offset] = mark[0]
    return sieve.count(1)
