"""One fuzz run: spoiled configurations through the same path as `validate`, and the valid ones through `apply`.

What must hold for each: no exception, no endless time, every problem in its own words, at a place that is in the file,
and what is applied is applied whole.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rota.configuration.load import Loaded, Loader, load
from rota.configuration.variables import Variables
from rota.model.errors import UpdateRefused
from rota.plan import Allowed
from rota.reconcile.reconciler import apply
from rota.store import Store, configurations, schema
from tests.fuzz.mutations import Files, spoiled

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
VALUES = {"HOME": "/home/anna"}
"""Of the variables."""

LIMIT = 10.0
"""Processor seconds that one document may take; thousands of times what one needs."""


@dataclass
class Result:
    """What became of the documents. `codes` counts the problems; `slowest` is in processor seconds."""

    documents: int = 0
    valid: int = 0
    applied: int = 0
    slowest: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)


def fuzz(
    seeds: Sequence[Files],
    folder: Path,
    *,
    numbers: range,
    seed: int,
    before_each: Callable[[int], None] = lambda _number: None,
) -> Result:
    """Try the documents with these numbers; `seed` and number decide what each is, whatever was tried before.

    Raises what a document raises, and leaves it in `folder/culprit`. `before_each` is told the number.
    """
    result = Result()
    store = Store(f"sqlite:///{folder / 'fuzz.db'}")
    schema.upgrade(store)
    path = folder / "culprit"
    for number in numbers:
        before_each(number)
        draw = random.Random(f"{seed}/{number}")
        _write(path, spoiled(draw, draw.choice(seeds)))
        _try(path, store, result)
    store.close()
    return result


def _write(folder: Path, files: Files) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _try(path: Path, store: Store, result: Result) -> None:
    environment = "prod" if (path / "environments").is_dir() else None
    begun = time.process_time()
    found = load([path], environment=environment, variables=Variables(VALUES), code=False)
    took = time.process_time() - begun
    assert took < LIMIT, f"{path} took {took:.1f} s"
    result.documents += 1
    result.slowest = max(result.slowest, took)
    for loaded in found:
        assert (loaded.configuration is None) is bool(loaded.errors), "a configuration that is wrong came through"
        _check_problems(loaded)
        result.codes.update(problem.code for problem in loaded.problems)
    if environment is not None:
        _check_each_environment(path, found)
    if not any(loaded.errors for loaded in found):
        result.valid += 1
        result.applied += all(_apply_whole(loaded, store) for loaded in found)


def _check_each_environment(path: Path, asked: list[Loaded]) -> None:
    """Whoever asks for no environment hears of the same errors, but for what belongs to that environment alone."""
    found = Loader(code=False).load([path], variables=Variables(VALUES), each_environment=True)
    for loaded in found:
        assert loaded.environment is None or loaded.configuration is None, "nobody asked for it"
        _check_problems(loaded)
    told = {problem for loaded in found for problem in loaded.problems}
    for problem in (problem for loaded in asked for problem in loaded.errors):
        assert problem in told or problem.code in {"variable.missing", "overlay.missing"}, problem


def _check_problems(loaded: Loaded) -> None:
    for problem in loaded.problems:
        assert problem.message
        assert "\n" not in f"{problem.message}{problem.hint or ''}", f"more than one line: {problem}"
        assert len(problem.message) < 1_000, f"not readable: {problem.message[:200]}"
        assert "Traceback" not in problem.message
        assert problem.file is None or problem.line is None or _is_in_file(problem.file, problem.line), problem


def _is_in_file(name: str, line: int) -> bool:
    content = Path(name).read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return 1 <= line <= content.count(b"\n") + 1


def _apply_whole(loaded: Loaded, store: Store) -> bool:
    """Whether it was applied; refused, it leaves everything as it was."""
    desired = loaded.configuration
    assert desired is not None
    before = _held(store, desired.name)
    try:
        done = apply(store, desired, Allowed(empty=True), by="fuzz", now=lambda: NOW)
    except UpdateRefused:
        assert _held(store, desired.name) == before
        return False
    digest, definitions = _held(store, desired.name)
    assert digest == desired.digest or not done.plan.operations  # what changes nothing leaves no revision
    assert definitions == {each.name: each.properties for each in desired.definitions}
    return True


def _held(store: Store, name: str) -> tuple[str | None, dict[str, Any]]:
    """The digest and the definitions of the configuration, as the database has them."""
    with store.read() as tx:
        digest = next((header.digest for header in configurations.applied(tx, name)), None)
        return digest, {each.name: each.properties for each in configurations.definitions(tx, name)}
