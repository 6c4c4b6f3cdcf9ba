"""Rules are tested through `load`, on jobs below one header."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.configuration.load import load
from rota.model.problem import Problem

HEADER = """
rota: 1
configuration:
  name: shop
  modules: [shop_jobs]
  path: []
  executors: {crawl: {kind: thread}, shell: {kind: command}, process: {kind: process, workers: 2}}
"""


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], list[Problem]]:
    """The problems of these jobs."""

    def check(jobs: str, header: str = HEADER) -> list[Problem]:
        path = tmp_path / "rota.yaml"
        path.write_text(f"{header}jobs:\n{jobs}")
        (loaded,) = load([path], code=False)
        return list(loaded.problems)

    return check
