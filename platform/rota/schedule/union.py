"""Several series as one: in order, equal starts merged. Used by `Schedule` for its nominal starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter

from rota.schedule.occurrence import Occurrence, Series, Window


def occurrences(series: Sequence[Series], after: int) -> Iterator[Occurrence]:
    """Every occurrence later than `after`, by increasing start.

    Where several have the same start, the one that may start the latest stands for all, with its own pause,
    completion instant and interval: whoever waits for it would lose the start otherwise. Among equals the
    first listed does.
    """
    if len(series) == 1:
        for start, window in series[0].starts(after):
            yield series[0].occurrence(window, start)
        return
    tagged = [_tagged(each, after) for each in series]
    for _, equals in groupby(merge(*tagged, key=itemgetter(0)), key=itemgetter(0)):
        yield latest_to_close(equals)


def latest_to_close(equals: Iterable[tuple[int, Series, Window]]) -> Occurrence:
    """Of occurrences with one start, the one that closes last."""
    start, series, window = max(equals, key=lambda each: each[1].closes(each[2], each[0]))
    return series.occurrence(window, start)


def _tagged(series: Series, after: int) -> Iterator[tuple[int, Series, Window]]:
    return ((start, series, window) for start, window in series.starts(after))
