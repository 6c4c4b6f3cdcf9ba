"""Which configurations are meant where none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.app.folders import DEFAULT_FOLDER, default_folders, require_folders
from rota.model.errors import UsageError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_those_that_are_named_are_meant_whether_they_are_there_or_not() -> None:
    assert require_folders((Path("shop"), Path("market.yaml"))) == [Path("shop"), Path("market.yaml")]


def test_else_the_default_folder_is_meant_if_it_is_there(tmp_path: Path) -> None:
    assert default_folders() == []
    with pytest.raises(UsageError, match="there is no folder configurations/ here: name the configuration's file"):
        require_folders([])
    (tmp_path / DEFAULT_FOLDER).mkdir()
    assert require_folders([]) == default_folders() == [DEFAULT_FOLDER]
