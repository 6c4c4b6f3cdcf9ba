"""The results as Markdown tables, for the terminal and for docs/benchmarks.md. Called by __main__."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.catalogue import Bench, Environment, Figure
from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.rounds import Result

BEGIN, END = "<!-- figures: written by the program -->", "<!-- end of the figures -->"
BENCH = "<!-- bench {} -->"


def section(bench: Bench, results: Sequence[Result], facts: str) -> str:
    """What the page says of a bench: where and when it was measured, and one table for each figure."""
    tables = (_table(bench, figure, results) for figure in bench.figures)
    return "\n\n".join([f"### {bench.title}", f"{datetime.now(UTC).date()}; {facts}.", *tables])


def write(page: Path, name: str, text: str, *, order: Sequence[str]) -> None:
    """Put the section of a bench between the page's markers, in place of its former one; the others stay.

    Sections stand in the given order; one that is not in it goes.
    """
    before, begin, rest = page.read_text().partition(BEGIN)
    figures, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchmarkError(f"{page} lacks its markers, {BEGIN} and {END}")
    sections = _sections(figures) | {name: text}
    kept = [f"{BENCH.format(each)}\n\n{sections[each]}" for each in order if each in sections]
    page.write_text("\n\n".join([before + BEGIN, *kept, END + after]))


def _sections(figures: str) -> dict[str, str]:
    """The sections of the page, by bench."""
    marker = re.escape(BENCH).replace(re.escape("{}"), "(.+?)")
    _, *found = re.split(marker, figures)
    return {name: text.strip() for name, text in zip(found[::2], found[1::2], strict=True)}


def _table(bench: Bench, figure: Figure, results: Sequence[Result]) -> str:
    measured = [(result, spread) for result in results if (spread := result.spread(figure.name))]
    ours = [spread[0] for result, spread in measured if result.environment is Environment.ROTA]
    rows = [("side", f"{figure.unit}, median", "min to max", "runs", "Rota is")]
    for result, (median, least, greatest) in measured:
        theirs = result.environment is Environment.PEERS and ours
        times = _times(figure, ours[0], median) if theirs else ""
        row = (
            result.settings,
            _number(figure, median),
            f"{_number(figure, least)} to {_number(figure, greatest)}",
            str(len(result.runs)),
            times,
        )
        rows.append(row)
    return f"#### {figure.title[:1].upper()}{figure.title[1:]}\n\n{_markdown(rows)}"


def _number(figure: Figure, value: float) -> str:
    return f"{value:,.{figure.decimals}f}"


def _times(figure: Figure, ours: float, theirs: float) -> str:
    if figure.amount:
        return f"{ours / theirs:.2f} × as much" if theirs else ""
    return f"{ours / theirs if figure.more_is_better else theirs / ours:.2f} × as fast"


def _markdown(rows: Sequence[tuple[str, ...]]) -> str:
    """A table that is readable as text too: columns padded, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    ruler = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    lines = []
    for first, *others in rows:
        cells = [
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([lines[0], f"|{ruler}|", *lines[1:]])
