"""Stored documents as declarations: checked by the same rules, they resolve to the very same document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.configuration.declare import declared
from rota.configuration.load import load, load_data
from rota.model.definition import Configuration
from rota.testing.factories import make_configuration
from tests.support.command_line import ROOT

RICH: dict[str, Any] = {
    "plain": {"method": "m:f"},
    "program": {"command": ["echo", "x"], "executor": "own-programs", "user": "ann", "priority": -3},
    "every": {
        "description": "all of it",
        "method": "m:f",
        "parameters": {"none": None, "list": [1, 2.5, "06:00"]},
        "key": "k",
        "predefined": False,
        "use": False,
        "retry": {"count": 5, "interval": "90s", "backoff": 2, "max_interval": "1d1h", "on_timeout": False},
        "executor": "crawl",
        "timeout": "1h30m",
        "schedule": {"days_repeat_period": 1, "begin_time": "06:00", "repeat_period_in_day": "1h"},
        "renamed_from": "before",
    },
    "union": {
        "method": "m:f",
        "schedule": [{"cron": "0 3 * * *"}, {"days_repeat_period": 2, "timezone": "Asia/Tokyo"}],
    },
    "by-position": {"method": "m:f", "parameters": [], "retry": {"count": 1}},
}
HEADER: dict[str, Any] = {
    "timezone": "Europe/Berlin",
    "description": "a shop",
    "modules": ["m"],
    "path": ["/srv/shop"],
    "executors": {"crawl": {"kind": "thread", "workers": 3}, "own-programs": {"kind": "command"}},
    "retention": {"age": "2h"},
}


def again(configuration: Configuration) -> Configuration:
    loaded = load_data(declared(configuration.document), name="again")
    assert [str(each) for each in loaded.errors] == []
    assert loaded.configuration is not None
    return loaded.configuration


@pytest.mark.parametrize("header", [HEADER, {"path": []}], ids=["everything", "nothing"])
def test_a_declaration_resolves_to_its_document(header: dict[str, Any]) -> None:
    jobs = RICH if header is HEADER else {"only": {"command": ["true"]}}
    configuration = make_configuration(jobs, **header)
    assert again(configuration).document == configuration.document
    assert again(configuration).digest == configuration.digest


@pytest.mark.parametrize("folder", sorted((ROOT / "configurations").glob("*/")), ids=lambda folder: folder.name)
def test_so_do_real_configurations(folder: Path) -> None:
    (loaded,) = load([folder], code=False)
    assert loaded.configuration is not None
    assert again(loaded.configuration).digest == loaded.configuration.digest


def test_nothing_is_said_that_would_be_filled_in_anyway() -> None:
    data = declared(make_configuration(RICH, **HEADER).document)
    assert data["jobs"]["plain"] == {"method": "m:f"}
    assert data["jobs"]["by-position"] == {"method": "m:f", "parameters": [], "retry": {"count": 1}}
    every = data["jobs"]["every"]
    assert every["retry"]["interval"] == "1m30s"
    assert (every["retry"]["max_interval"], every["timeout"]) == ("1d1h", "1h30m")
    assert "timezone" not in every["schedule"]
    assert [each.get("timezone") for each in data["jobs"]["union"]["schedule"]] == [None, "Asia/Tokyo"]
    assert data["configuration"]["retention"] == {"age": "2h"}
    assert data["configuration"]["executors"]["own-programs"] == {"kind": "command"}
