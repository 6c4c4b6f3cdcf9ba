"""A method that vanishes after its configuration was applied: said everywhere, nothing deleted, and healed."""

from __future__ import annotations

from tests.support.shop import METHODS, Shop


def test_a_method_that_vanishes_and_comes_back(applied: Shop) -> None:
    applied.code(METHODS.replace("def load", "def load_all"))
    applied.start_scheduled("rates")
    lines = applied.rota("run", "--until-idle", "--no-scheduler").stderr
    assert "module shop_jobs has no function load; did you mean load_all?" in lines

    assert "rates: cannot resolve method shop_jobs:load: module shop_jobs has no function load" in (
        applied.rota("status").stdout
    )
    assert applied.json("status")["scheduled_jobs"]["unresolved"] == ["rates"]
    assert "unresolved   " in applied.rota("scheduled", "show", "rates").stdout

    applied.code(METHODS)
    applied.start_scheduled("rates")
    applied.rota("run", "--until-idle", "--no-scheduler")
    assert applied.json("status")["scheduled_jobs"]["unresolved"] == []
    assert [job["state"] for job in applied.job_list()] == ["completed", "failed"]
