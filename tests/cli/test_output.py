"""Tables, facts, hanging lines and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from rota.cli import output


def test_a_table_is_as_wide_as_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("ID", "NAME"), [["1", "a"], ["12345", "a long one"]], none="nothing")
    assert capsys.readouterr().out == "ID     NAME\n1      a\n12345  a long one\n"


def test_an_empty_table_is_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("ID", "NAME"), [], none="no jobs")
    assert capsys.readouterr() == ("", "no jobs\n")


def test_facts_leave_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    output.facts([("name", "rates"), ("key", ""), ("schedule", "none")])
    assert capsys.readouterr().out == "name      rates\nschedule  none\n"


def test_a_row_is_one_line_whatever_a_cell_says(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("ID", "REASON"), [["1", "broken\nin two \x1b[31m"]], none="nothing")
    assert capsys.readouterr().out == "ID  REASON\n1   broken in two \\x1b[31m\n"


def test_values_of_several_lines_hang(capsys: pytest.CaptureFixture[str]) -> None:
    output.facts([("name", "rates"), ("at", "a\nb")])
    assert capsys.readouterr().out == "name  rates\nat    a\n      b\n"


def test_lines_after_the_first_hang_below_it() -> None:
    assert output.hanging("a\nb\nc", 3) == "a\n   b\n   c"


def test_json_has_instants_in_utc_and_keeps_letters(capsys: pytest.CaptureFixture[str]) -> None:
    output.json({"at": datetime(2026, 1, 2, tzinfo=UTC), "who": "Änne", "gone": None})
    text = capsys.readouterr().out
    assert json.loads(text) == {"at": "2026-01-02T00:00:00Z", "who": "Änne", "gone": None}
    assert "Änne" in text
