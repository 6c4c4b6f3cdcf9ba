"""Several series as one: in order, equal starts merged. Used by `Schedule` for its nominal starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from rota.schedule.occurrence import Occurrence
from rota.schedule.series import Series

Finder = Callable[[int], Occurrence | None]


def finder(series: Sequence[Series]) -> Finder:
    """What finds the first occurrence later than an instant."""
    return series[0].next if len(series) == 1 else partial(first, series)


def first(series: Sequence[Series], after: int) -> Occurrence | None:
    """The first occurrence later than an instant.

    Where several have the same start, the one that may start the latest stands for all, with its own pause,
    completion instant and interval: whoever waits for it would lose the start otherwise. Among equals the
    first listed does.
    """
    found = [occurrence for each in series if (occurrence := each.next(after)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    start = min(occurrence.start for occurrence in found)
    return latest_to_close(occurrence for occurrence in found if occurrence.start == start)


def latest_to_close(equals: Iterable[Occurrence]) -> Occurrence:
    """Of occurrences with one start, the one that closes last."""
    return max(equals, key=lambda each: each.closes_at)
