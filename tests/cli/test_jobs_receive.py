"""Following several jobs: the time is one for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.app.receiving import Wanted
from rota.app.settings import Settings
from rota.app.wiring import make_context
from rota.cli import jobs_receive
from rota.testing import SettableClock


@pytest.mark.parametrize(("limit", "given"), [(5.0, [5.0, 2.0, 0.0]), (None, [None, None, None])])
def test_what_one_job_took_is_not_left_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: float | None, given: list[float | None]
) -> None:
    clock = SettableClock()
    seen: list[float | None] = []

    def deliver(*_: object, timeout: float | None, **__: Any) -> None:
        seen.append(timeout)
        clock.advance(3)

    monkeypatch.setattr(jobs_receive, "deliver", deliver)
    made = make_context(Settings(database=f"sqlite:///{tmp_path}/rota.db"), clock)
    jobs_receive._follow_all(made, ["a", "b", "c"], Wanted(), limit)
    assert seen == given
