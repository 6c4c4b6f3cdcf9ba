"""The short form of the fuzz run: `python -m tests.fuzz` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.run import fuzz
from tests.fuzz.seeds import seeds


def test_no_document_breaks_anything(tmp_path: Path) -> None:
    result = fuzz(seeds(), tmp_path, numbers=range(1_500), seed=2026)
    assert result.documents == 1_500
    assert result.applied >= 10, "so few valid ones prove nothing about apply"
    assert len(result.codes) >= 20, "so few kinds of problems were met"
