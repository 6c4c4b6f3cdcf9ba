"""Renames that are right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.model.problem import Problem

JOB = "  {name}: {{command: [echo], use: false, renamed_from: {old}}}\n"


@pytest.mark.parametrize(
    ("renames", "wrong"),
    [
        ({"a": "x", "b": "y"}, []),
        ({"a": "a"}, ["jobs.a.renamed_from"]),
        ({"a": "b", "b": "a"}, ["jobs.a.renamed_from", "jobs.b.renamed_from"]),
        ({"a": "x", "b": "x", "c": "x"}, ["jobs.b.renamed_from", "jobs.c.renamed_from"]),
    ],
)
def test_renames(check: Callable[[str], list[Problem]], renames: dict[str, str], wrong: list[str]) -> None:
    problems = check("".join(JOB.format(name=name, old=old) for name, old in renames.items()))
    assert [problem.path for problem in problems] == wrong
