"""One thing wrong with a configuration, as text and as JSON."""

from __future__ import annotations

import pytest

from rota.model.problem import Problem, join_path


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "odd"),
        ({"file": "a.yaml"}, "a.yaml: odd"),
        ({"file": "a.yaml", "line": 3, "column": 7}, "a.yaml:3:7: odd"),
        ({"file": "a.yaml", "line": 3, "path": "jobs.rates"}, "a.yaml:3: jobs.rates: odd"),
        ({"path": "jobs.rates"}, "jobs.rates: odd"),
    ],
)
def test_its_text_says_where_as_far_as_that_is_known(facts: dict[str, object], text: str) -> None:
    assert str(Problem(message="odd", code="x", **facts)) == text  # type: ignore[arg-type]


def test_the_json_form_has_every_field_but_the_text_of_the_line() -> None:
    assert Problem(message="odd", code="x", source="kept out", caret=1).to_data() == {
        "file": None,
        "line": None,
        "column": None,
        "path": "",
        "message": "odd",
        "hint": None,
        "severity": "error",
        "code": "x",
        "expected": None,
    }


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ((), ""),
        (("jobs",), "jobs"),
        (("jobs", "rates", "week_days", 0), "jobs.rates.week_days[0]"),
        ((0, "a"), "[0].a"),
    ],
)
def test_paths_read_like_code(parts: tuple[str | int, ...], path: str) -> None:
    assert join_path(parts) == path
