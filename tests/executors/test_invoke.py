"""What happens to a method's module before the method is called; the rest is told by the contract of the executors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rota.executors.invoke import preload
from rota.model.attempt import Attempt
from rota.model.command import Command


def attempt(method: str | None, folder: Path) -> Attempt:
    command = None if method else Command(argv=("true",))
    return Attempt(job="a", number=1, name="a", method=method, command=command, path=(str(folder),))


def test_the_module_is_imported_before_anything_may_interrupt_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "imported_early.py").write_text("def run(): pass\n")
    preload(attempt("imported_early:run", tmp_path))
    assert sys.modules.pop("imported_early").__file__ == str(tmp_path / "imported_early.py")


@pytest.mark.parametrize("method", ["no_such_module:run", "sys:no_such_function", None])
def test_what_is_wrong_is_left_for_the_attempt_to_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str | None
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    preload(attempt(method, tmp_path))
    assert set(sys.modules) == before
