"""Whether a schedule of every second lost or repeated a start. Used by tests in which other things change meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta


def require_every_second(runs: Collection[tuple[datetime, datetime]]) -> None:
    """Of `runs`, each with its nominal start and its begin, none may be twice and no second in between may lack one.

    Occurrences that are due together make one run: the first of them, which then began after the last.
    """
    starts = {start for start, _ in runs}
    assert len(starts) == len(runs), "a start was repeated"
    span = int((max(starts) - min(starts)).total_seconds())
    for start in {min(starts) + timedelta(seconds=step) for step in range(span)} - starts:
        assert any(first < start <= begin for first, begin in runs), f"{start} was lost: it made no run, nor was late"
