"""Whether a load would read the same again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.configuration.inputs import Inputs
from rota.configuration.load import Loader
from rota.configuration.variables import Variables

Write = Callable[[str, str], Path]
VALUES = {"NAME": "a", "OTHER": "b"}


@pytest.fixture
def folder(write: Write, tmp_path: Path) -> Path:
    write("shop/rota.yaml", "rota: 1\nconfiguration: {name: shop, path: []}\n")
    write("shop/jobs.yaml", "rota: 1\njobs:\n  a: {command: [echo, '${NAME}', '${UNSET:-x}'], use: false}\n")
    write("shop/environments/prod.yaml", "rota: 1\njobs:\n  a: {priority: 1}\n")
    write("shop/environments/test.yaml", "rota: 1\njobs:\n  a: {priority: 2}\n")
    return tmp_path / "shop"


def read(folder: Path, environment: str | None = None) -> Inputs:
    loader = Loader(environment=environment, code=False)
    (loaded,) = loader.load([folder], variables=Variables(VALUES))
    assert loaded.configuration is not None
    return loader.inputs()


@pytest.mark.parametrize("environment", [None, "prod"])
def test_nothing_changed(folder: Path, environment: str | None) -> None:
    inputs = read(folder, environment)
    assert inputs.are_those_of([folder], environment, VALUES | {"OTHER": "c"})
    (folder / "notes.txt").touch()
    (folder / "jobs.yaml").touch()
    (folder / "environments" / "test.yaml").unlink()
    assert inputs.are_those_of([folder], environment, VALUES)
    assert inputs.variables.keys() == {"NAME", "UNSET"}
    assert inputs.variables["UNSET"] is None


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "jobs.yaml").write_text((folder / "jobs.yaml").read_text() + "#"),
        lambda folder: (folder / "jobs.yaml").unlink(),
        lambda folder: (folder / "more").mkdir() or (folder / "more" / "b.yml").touch(),
        lambda folder: (folder / "rota.yaml").rename(folder / "header.yaml"),
        lambda folder: (folder / "environments" / "prod.yaml").write_text("rota: 1\n"),
        lambda folder: (folder / "environments" / "prod.yaml").unlink(),
        lambda folder: (folder / "environments" / "prod.yml").touch(),
    ],
    ids=["another byte", "gone", "one more", "renamed", "another overlay", "no overlay", "a second overlay"],
)
def test_a_file_changed(folder: Path, change: Callable[[Path], object]) -> None:
    inputs = read(folder, "prod")
    change(folder)
    assert not inputs.are_those_of([folder], "prod", VALUES)


def test_something_else_changed(folder: Path) -> None:
    inputs = read(folder)
    assert not inputs.are_those_of([folder], "prod", VALUES)
    assert not inputs.are_those_of([folder], None, {"NAME": "c"})
    assert not inputs.are_those_of([folder], None, {})
    assert not inputs.are_those_of([folder], None, VALUES | {"UNSET": ""})
    assert not inputs.are_those_of([folder / "rota.yaml"], None, VALUES)
    assert not inputs.are_those_of([folder.parent / "elsewhere"], None, VALUES)
