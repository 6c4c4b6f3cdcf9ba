"""The results as Markdown tables, for the terminal and for docs/benchmarks.md. Called by __main__."""

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.catalogue import Bench, Environment, Figure
from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.rounds import Result

BEGIN, END = "<!-- figures: written by the program -->", "<!-- end of the figures -->"


def tables(bench: Bench, results: Sequence[Result]) -> str:
    """One table for each figure of the bench."""
    return "\n\n".join(_table(bench, figure, results) for figure in bench.figures)


def write(page: Path, text: str) -> None:
    """Replace what stands between the page's two markers."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BenchmarkError(f"{page} lacks its markers, {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


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
    return f"### {bench.title}: {figure.title}\n\n{_markdown(rows)}"


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
