"""One fuzz run: mutated documents through the same path as `validate`, and the valid ones through `apply`.

What must hold for each: no exception, no endless time, every problem in its own words and in the file, and what is
applied is applied whole.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rota.configuration.load import Loaded, load
from rota.configuration.variables import Variables
from rota.model.errors import UpdateRefused
from rota.plan import Allowed
from rota.reconcile.reconciler import apply
from rota.store import Store, configurations, schema
from tests.fuzz.mutations import mutated

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
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


def fuzz(seeds: Sequence[bytes], folder: Path, *, documents: int, seed: int) -> Result:
    """Try so many documents. Raises what a document raises, after writing it to `folder/culprit.yaml`."""
    result, draw = Result(), random.Random(seed)
    store = Store(f"sqlite:///{folder / 'fuzz.db'}")
    schema.upgrade(store)
    path = folder / "culprit.yaml"
    for _ in range(documents):
        path.write_bytes(mutated(draw, draw.choice(seeds)))
        _try(path, store, result)
    store.close()
    return result


def _try(path: Path, store: Store, result: Result) -> None:
    begun = time.process_time()
    (loaded,) = load([path], variables=Variables({"HOME": "/home/anna"}), code=False)
    took = time.process_time() - begun
    assert took < LIMIT, f"{path} took {took:.1f} s"
    _check_problems(loaded)
    result.documents += 1
    result.slowest = max(result.slowest, took)
    result.codes.update(problem.code for problem in loaded.problems)
    if loaded.configuration is not None:
        result.valid += 1
        result.applied += _apply_whole(loaded, store)


def _check_problems(loaded: Loaded) -> None:
    assert (loaded.configuration is None) is bool(loaded.errors), "a configuration that is wrong came through"
    for problem in loaded.problems:
        assert problem.message
        assert "\n" not in f"{problem.message}{problem.hint or ''}", f"more than one line: {problem}"
        assert len(problem.message) < 1_000, f"not readable: {problem.message[:200]}"
        assert "Traceback" not in problem.message


def _apply_whole(loaded: Loaded, store: Store) -> bool:
    """Whether it was applied; refused, it may leave nothing behind."""
    desired = loaded.configuration
    assert desired is not None
    try:
        apply(store, desired, Allowed(empty=True), by="fuzz", now=NOW)
    except UpdateRefused:
        return False
    with store.read() as tx:
        (header,) = configurations.applied(tx, desired.name)
        held = {each.name: each.properties for each in configurations.definitions(tx, desired.name)}
    assert header.digest == desired.digest
    assert held == {each.name: each.properties() for each in desired.definitions}
    return True
