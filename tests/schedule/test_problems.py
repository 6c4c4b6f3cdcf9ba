"""What is wrong with a schedule: texts, paths, and all of it at once."""

from __future__ import annotations

import pickle

import pytest

from rota.schedule.problems import Findings, ScheduleError, ScheduleProblem, rejected


@pytest.mark.parametrize(
    ("path", "hint", "text"),
    [
        ((), None, "odd"),
        ((), "be even", "odd (be even)"),
        (("week_days", 0), None, "week_days[0]: odd"),
        ((1, "begin_time"), "be even", "[1].begin_time: odd (be even)"),
    ],
)
def test_its_text_says_where(path: tuple[str | int, ...], hint: str | None, text: str) -> None:
    assert str(ScheduleProblem(path, "odd", hint, "x")) == text


def test_findings_collect_what_is_raised_with_its_place() -> None:
    findings = Findings()
    with findings.at("schedule", 1):
        with findings.at("months"):
            raise rejected("odd", code="a")
        raise rejected("even", code="b", hint="be odd")
    findings.problems.sort(key=lambda problem: problem.code)
    assert [(problem.path, problem.code) for problem in findings.problems] == [
        (("months",), "a"),
        (("schedule", 1), "b"),
    ]
    with pytest.raises(ScheduleError, match=r"months: odd; schedule\[1\]: even \(be odd\)"):
        findings.raise_if_any()


def test_where_nothing_was_found_nothing_is_raised() -> None:
    findings = Findings()
    with findings.at("schedule"):
        pass
    findings.raise_if_any()
    assert findings.problems == []


def test_other_errors_are_no_findings() -> None:
    findings = Findings()
    with pytest.raises(ZeroDivisionError), findings.at("schedule"):
        raise ZeroDivisionError


def test_it_can_be_sent_to_another_process() -> None:
    error = rejected("odd", code="a", hint="be even")
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
