"""Errors say by themselves what is wrong, also where nobody catches them."""

from __future__ import annotations

import traceback

from rota.model.errors import SHOWN_IN_TRACEBACK, ConfigurationError
from rota.model.problem import Problem


def test_a_traceback_shows_the_problems_of_a_configuration() -> None:
    problems = [
        Problem(message="is missing", code="x", file="shop.yaml", line=n + 1, path="jobs.a") for n in range(500)
    ]
    error = ConfigurationError(problems)
    shown = "".join(traceback.format_exception(error))
    assert "500 problems in the configuration\nshop.yaml:1: jobs.a: is missing\n" in shown
    assert f"shop.yaml:{SHOWN_IN_TRACEBACK}: " in shown
    assert f"shop.yaml:{SHOWN_IN_TRACEBACK + 1}: " not in shown, "a screen has room for it"
    assert len(error.problems) == len(problems)
