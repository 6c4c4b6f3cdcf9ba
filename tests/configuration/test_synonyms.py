"""Every name of another tool leads to a key of the language."""

from __future__ import annotations

import pytest

from rota.configuration.schema import load_schema
from rota.configuration.synonyms import _MEANT, meant_by

KEYS = {key for part in load_schema()["$defs"].values() for key in part.get("properties", ())}


def test_each_leads_to_keys_that_exist() -> None:
    assert {key for keys in _MEANT.values() for key in keys} <= KEYS


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("start_time", ["begin_time", "start_within"], "begin_time"),
        ("Max-Retries", ["retry", "timeout"], "retry"),
        ("retries", ["count", "interval"], "count"),
        ("module", ["modules"], "modules"),
        ("paths", ["path"], "path"),
        ("cwd", ["kind"], None),
        ("use", ["use"], None),
    ],
)
def test_the_key_meant_is_one_that_stands_here(name: str, known: list[str], meant: str | None) -> None:
    assert meant_by(name, known) == meant
