"""Counts in words."""

from __future__ import annotations

import pytest

from rota.model.counting import counted


@pytest.mark.parametrize(("count", "words"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs")])
def test_counted(count: int, words: str) -> None:
    assert counted(count, "job") == words
