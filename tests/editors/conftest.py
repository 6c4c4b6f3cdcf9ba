"""The language server, installed once and started for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.server import Server, install, session
from tests.support.command_line import ROOT


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def server(program: Path) -> Iterator[Server]:
    with session(program, ROOT) as started:
        yield started
