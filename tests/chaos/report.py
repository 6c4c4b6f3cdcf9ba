"""The figures of chaos runs as Markdown, for the terminal and for docs/reliability.md. Called by __main__."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from rota.model.outcome import End
from tests.chaos.campaign import Report
from tests.chaos.history import History

BEGIN, END = "<!-- figures of {}: written by the program -->", "<!-- end of the figures of {} -->"


def section(report: Report, command: str) -> str:
    """What the page says of a run: how it was started, what was struck, and what came of it."""
    nodes = "one engine" if report.nodes == 1 else f"{report.nodes} nodes"
    head = f"{datetime.now(UTC).date()}, {nodes}, `{command}`:"
    return "\n\n".join([head, _table(report), _summary(report)])


def write(page: Path, kind: str, text: str) -> None:
    """Put the figures of that kind of database between its markers on the page, in place of the former ones."""
    begin, end = BEGIN.format(kind), END.format(kind)
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"{page} lacks its markers, {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _table(report: Report) -> str:
    by_name = {
        name: [each.recovered for each in report.struck if each.name == name]
        for name in sorted({struck.name for struck in report.struck})
    }
    by_name["all"] = [each.recovered for each in report.struck]
    rows = [(name, *_figures(seconds)) for name, seconds in by_name.items()]
    return _markdown([("fault", "times", "next run after, median", "worst"), *rows])


def _figures(seconds: Sequence[float]) -> tuple[str, str, str]:
    return f"{len(seconds)}", f"{statistics.median(seconds):.2f} s", f"{max(seconds):.2f} s"


def _summary(report: Report) -> str:
    history = report.history
    found = sorted(restarts_of_lost(history))
    lost = f"{len(found)} runs were lost with their nodes and begun again"
    if found:
        lost += (
            f", {statistics.median(found):.1f} s after they had first begun in the median, {found[-1]:.1f} s at worst"
        )
    jobs = history.jobs.values()
    started = sum(job.nominal_start is not None for job in jobs)
    missed = sum(job.counted for job in history.scheduled)
    return (
        f"{len(report.struck)} faults over {len(jobs):,} jobs with {len(history.executions):,} executions, of which "
        f"{started:,} jobs were started by schedules; {missed:,} occurrences were recorded as missed. {lost}.\n\n"
        f"**Violations: {len(report.violations)}.**"
    )


def restarts_of_lost(history: History) -> Iterator[float]:
    """Seconds from the begin of an attempt that was lost with its node to the begin of the next, where both ran."""
    begun = {(each.job, each.attempt): each.begun for each in history.executions}
    for job in history.jobs.values():
        for first, second in pairwise(range(1, job.attempt + 1)):
            if job.ends[first - 1] == End.LOST and (job.id, first) in begun and (job.id, second) in begun:
                yield begun[job.id, second] - begun[job.id, first]


def _markdown(rows: Sequence[tuple[str, ...]]) -> str:
    """A table that is readable as text too: columns padded, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        f"| {' | '.join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])} |"
        for row in rows
    ]
    ruler = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([lines[0], f"|{ruler}|", *lines[1:]])
