"""Functions by name, and every reason why one cannot be had."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.runtime.loading import FunctionNotFound, load_function


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for modules; the import path and the module table are put back afterwards."""
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def reason(name: str, folder: Path) -> str:
    with pytest.raises(FunctionNotFound) as caught:
        load_function(name, [str(folder)])
    return caught.value.reason


def test_a_function_is_found_below_a_folder_of_the_path(folder: Path) -> None:
    (folder / "shop_jobs_a").mkdir()
    (folder / "shop_jobs_a" / "__init__.py").touch()
    (folder / "shop_jobs_a" / "rates.py").write_text("def load():\n    return 'loaded'\n")
    assert load_function("shop_jobs_a.rates:load", [str(folder)])() == "loaded"
    load_function("shop_jobs_a.rates:load", [str(folder)])
    assert sys.path.count(str(folder)) == 1


def test_folders_come_first_and_in_their_order(folder: Path) -> None:
    for name in ("first", "second"):
        (folder / name).mkdir()
        (folder / name / "which_one.py").write_text(f"def f():\n    return {name!r}\n")
    assert load_function("which_one:f", [str(folder / "first"), str(folder / "second")])() == "first"


def test_a_module_written_after_a_failed_look_is_found(folder: Path) -> None:
    assert "no module named late_module" in reason("late_module:f", folder)
    (folder / "late_module.py").write_text("def f(): ...\n")
    assert callable(load_function("late_module:f", [str(folder)]))


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [
        ("m1:f", "def g(): ...", "module m1 has no function f"),
        ("m2:laod", "def load(): ...", "did you mean load?"),
        ("m3:VALUE", "VALUE = 7", "VALUE is a value of type int, not a function"),
        ("m4:Load", "class Load: ...", "Load is a class, not a function"),
        ("m5:f", "raise ValueError('no rates')", "importing m5 raised ValueError: no rates ("),
        ("m6:f", "\nraise SystemExit(3)", "importing m6 raised SystemExit: 3"),
        (
            "m7:f",
            "import no_such_thing",
            "importing m7 raised ModuleNotFoundError: No module named 'no_such_thing'",
        ),
        ("m8:f", "def f(:", "importing m8 raised SyntaxError: invalid syntax (m8.py, line 1)"),
        ("m9:run", "from subprocess import run", "run is only imported there, from subprocess"),
        ("no_such_module.sub:f", "", "no module named no_such_module"),
        ("m10:f", "f = lambda: 1", "f is a lambda, not a function"),
        ("m11:f", "f = len", "f is built in, not a function"),
        ("m12:f", "from functools import partial\nf = partial(print)", "f is a value of type partial, not a function"),
        ("m13:f", "class C:\n    def __call__(self): ...\nf = C()", "f is a value of type C, not a function"),
        ("m14:laod", "load = len\ndef lead(): ...", "has no function laod; did you mean lead?"),
    ],
)
def test_reasons(folder: Path, name: str, source: str, words: str) -> None:
    (folder / f"{name.partition(':')[0]}.py").write_text(source + "\n")
    assert words in reason(name, folder)


@pytest.mark.parametrize(
    "source",
    [
        "def f(): ...",
        "async def f(): ...",
        "def f():\n    yield 1",
        "async def f():\n    yield 1",
        "from functools import lru_cache\n@lru_cache\ndef f(): ...",
    ],
)
def test_functions_of_every_kind(folder: Path, source: str) -> None:
    (folder / "kinds.py").write_text(source + "\n")
    assert callable(load_function("kinds:f", [str(folder)]))


def test_a_module_of_a_package_that_was_nearly_named(folder: Path) -> None:
    (folder / "near").mkdir()
    for name in ("__init__", "rates"):
        (folder / "near" / f"{name}.py").write_text("def load(): ...\n")
    assert reason("near.ratse:load", folder) == "no module named near.ratse; did you mean near.rates?"


def test_an_import_failure_names_the_line_that_raised(folder: Path) -> None:
    (folder / "deep_a.py").write_text("import deep_b\n")
    (folder / "deep_b.py").write_text("\n\n1 / 0\n")
    assert reason("deep_a:f", folder).endswith("(deep_b.py, line 3)")


def test_what_a_module_lists_as_its_own_is_public(folder: Path) -> None:
    (folder / "listed.py").write_text("from subprocess import run\n__all__ = ['run']\n")
    assert load_function("listed:run", [str(folder)]).__name__ == "run"


def test_a_function_of_the_same_package_may_be_reexported(folder: Path) -> None:
    (folder / "pack").mkdir()
    (folder / "pack" / "__init__.py").write_text("from pack.inner import load\n")
    (folder / "pack" / "inner.py").write_text("def load(): ...\n")
    assert load_function("pack:load", [str(folder)]).__module__ == "pack.inner"
