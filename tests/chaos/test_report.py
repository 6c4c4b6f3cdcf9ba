"""The page of figures: what a run says of itself, and how it replaces the run before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chaos.campaign import Report, Struck
from tests.chaos.checker import Violation
from tests.chaos.history import Execution, History, Job
from tests.chaos.report import BEGIN, END, restarts_of_lost, section, write

HISTORY = History(
    healed_at=datetime(2030, 1, 1, tzinfo=UTC),
    jobs={"a": Job(id="a", attempt=3, ends=("lost", "lost", "returned"), restarts=2, may_restart=2)},
    executions=(
        Execution(id="1", job="a", attempt=1, begun=10.0),
        Execution(id="2", job="a", attempt=2, begun=12.5),  # the third ran where nobody noted it
    ),
)
STRUCK = (Struck("server killed", 2.0, 0.5), Struck("client killed", 0.0, 0.1), Struck("server killed", 2.0, 1.5))


def test_a_run_says_what_was_struck_and_what_came_of_it() -> None:
    report = Report("postgresql", 3, 7, STRUCK, HISTORY, (Violation("rule", "what"),))
    text = section(report, "the command")
    assert "3 nodes, `the command`" in text
    assert "| client killed |     1 |                 0.10 s | 0.10 s |" in text
    assert "| server killed |     2 |                 1.00 s | 1.50 s |" in text
    assert "| all           |     3 |                 0.50 s | 1.50 s |" in text
    assert "1 runs were lost with their nodes and begun again, 2.5 s after" in text
    assert "**Violations: 1.**" in text


def test_the_time_to_a_restart_is_told_where_both_attempts_ran() -> None:
    assert list(restarts_of_lost(HISTORY)) == [2.5]


def test_figures_replace_those_before_and_leave_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("\n".join(["Top", *(mark.format(kind) for kind in ("a", "b") for mark in (BEGIN, END)), "Bottom"]))
    for kind, text in (("a", "first"), ("b", "other"), ("a", "second")):
        write(page, kind, text)
    assert page.read_text() == "\n".join(
        [
            "Top",
            f"{BEGIN.format('a')}\n\nsecond\n\n{END.format('a')}",
            f"{BEGIN.format('b')}\n\nother\n\n{END.format('b')}",
            "Bottom",
        ]
    )


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text")
    with pytest.raises(ValueError, match="lacks its markers"):
        write(page, "a", "figures")
    assert page.read_text() == "text"
