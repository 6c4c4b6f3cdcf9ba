"""Modules come from what is pinned, are exchanged together, and stay where one of them fails."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from rota.runtime import pinned_code
from rota.runtime.pinned_code import pin, pinned


@pytest.fixture(autouse=True)
def _imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test's folder is on the import path; what is imported from it does not stay."""
    monkeypatch.setattr(pinned_code._finder, "sources", None)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in {"pinned_a", "pinned_b", "pinned_p"}]:
        del sys.modules[name]


def sources(folder: Path, **modules: str) -> Mapping[str, bytes]:
    """Modules by their names, in which two underscores stand for a slash."""
    return {str(folder / f"{name.replace('__', '/')}.py"): text.encode() for name, text in modules.items()}


def test_what_is_pinned_is_imported_whatever_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "pinned_a.py").write_text("VALUE = (")
    code = sources(tmp_path, pinned_a="VALUE = 1")
    assert pin(code) is None
    assert pinned() is code
    assert importlib.import_module("pinned_a").VALUE == 1


def test_packages_are_found_with_what_is_below_them(tmp_path: Path) -> None:
    package = tmp_path / "pinned_p"
    code = {str(package / "__init__.py"): b"", str(package / "inner.py"): b"from . import other\nVALUE = other.VALUE\n"}
    pin({**code, str(package / "other.py"): b"VALUE = 3\n"})
    assert importlib.import_module("pinned_p.inner").VALUE == 3


def test_what_is_not_pinned_comes_from_its_file(tmp_path: Path) -> None:
    pin(sources(tmp_path, pinned_a="VALUE = 1"))
    (tmp_path / "pinned_b.py").write_text("VALUE = 2")
    importlib.invalidate_caches()
    assert importlib.import_module("pinned_b").VALUE == 2


def test_all_modules_are_exchanged_when_one_changes_and_old_functions_go_on(tmp_path: Path) -> None:
    user = "import pinned_b\ndef value(): return pinned_b.VALUE\n"
    pin(sources(tmp_path, pinned_a=user, pinned_b="VALUE = 1"))
    old = importlib.import_module("pinned_a")
    assert pin(sources(tmp_path, pinned_a=user, pinned_b="VALUE = 2")) is None
    new = importlib.import_module("pinned_a")
    assert new is not old
    assert (old.value(), new.value()) == (1, 2)


def test_where_nothing_that_is_loaded_changed_nothing_is_exchanged(tmp_path: Path) -> None:
    pin(sources(tmp_path, pinned_a="VALUE = 1"))
    module = importlib.import_module("pinned_a")
    pin(sources(tmp_path, pinned_a="VALUE = 1", pinned_b="VALUE = 1"))
    assert importlib.import_module("pinned_a") is module


@pytest.mark.parametrize(
    "broken", ["VALUE = (", "raise ValueError('not today')", "raise SystemExit(3)", "import nowhere"]
)
def test_if_one_fails_all_stay(tmp_path: Path, broken: str) -> None:
    good = sources(tmp_path, pinned_a="VALUE = 1", pinned_b="VALUE = 1")
    pin(good)
    modules = [importlib.import_module(name) for name in ("pinned_a", "pinned_b")]
    failure = pin(sources(tmp_path, pinned_a="VALUE = 2", pinned_b=broken))
    assert failure is not None
    assert failure.startswith("importing pinned_b raised ")
    assert [importlib.import_module(name) for name in ("pinned_a", "pinned_b")] == modules
    assert pinned() is good


def test_a_module_that_is_gone_is_gone(tmp_path: Path) -> None:
    pin(sources(tmp_path, pinned_a="VALUE = 1", pinned_b="VALUE = 1"))
    importlib.import_module("pinned_b")
    assert pin(sources(tmp_path, pinned_a="VALUE = 1")) is None
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("pinned_b")
