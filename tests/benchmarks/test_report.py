"""The page of figures: a bench's section replaces its former one, and the others stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.report import BEGIN, END, write

ORDER = ["drain", "start", "help"]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"# Benchmarks\n\n{BEGIN}\n\n{END}\n\nThe end.\n")
    return path


def test_sections_stand_in_order_and_are_replaced_one_by_one(page: Path) -> None:
    for name, text in (
        ("help", "### Help\n\n30 ms"),
        ("drain", "### Drain\n\n1 job/s"),
        ("drain", "### Drain\n\n2 jobs/s"),
    ):
        write(page, name, text, order=ORDER)
    expected = [
        "# Benchmarks",
        BEGIN,
        "<!-- bench drain -->",
        "### Drain",
        "2 jobs/s",
        "<!-- bench help -->",
        "### Help",
        "30 ms",
        END,
        "The end.\n",
    ]
    assert page.read_text() == "\n\n".join(expected)


def test_a_bench_that_is_no_more_leaves_the_page(page: Path) -> None:
    write(page, "drain", "### Drain", order=ORDER)
    write(page, "help", "### Help", order=["help"])
    assert "drain" not in page.read_text()


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text")
    with pytest.raises(BenchmarkError, match="lacks its markers"):
        write(page, "drain", "### Drain", order=ORDER)
    assert page.read_text() == "text"
