"""The schemas for editors: nothing that is right looks wrong, variables least of all, and mistakes still do."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from rota.configuration.editors import editor_schema
from rota.configuration.schema import OVERLAY_SCHEMA, SCHEMA, load_schema
from tests.support.command_line import ROOT


@pytest.fixture(params=[SCHEMA, OVERLAY_SCHEMA])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def judge(name: str) -> Any:
    return Draft202012Validator(json.loads(editor_schema(name)))


def job(name: str, **body: Any) -> dict[str, Any]:
    header = {"configuration": {"name": "shop"}} if name == SCHEMA else {}
    return {"rota": 1, **header, "jobs": {"rates": {"command": ["echo"], **body}}}


def test_it_is_a_schema_with_the_published_ones_name(name: str) -> None:
    schema = json.loads(editor_schema(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == load_schema(name)["$id"]
    for example in schema["examples"]:
        judge(name).validate(example)


def test_what_is_right_stays_right() -> None:
    for path in (ROOT / "configurations").rglob("*.yaml"):
        judge(OVERLAY_SCHEMA if path.parent.name == "environments" else SCHEMA).validate(
            yaml.safe_load(path.read_text())
        )


VALUES = {
    "description": "${TEXT}",
    "use": "${USE:-true}",
    "priority": "${PRIORITY}",
    "timeout": "${MINUTES}m",
    "ok_exit_codes": [0, "${CODE}"],
    "user": "${USER}",
    "retry": {"count": "${COUNT:-3}", "backoff": "${BACKOFF}", "on_timeout": "${AGAIN}"},
    "schedule": {
        "begin_date": "${DAY}",
        "begin_time": "${TIME:-06:00}",
        "week_days": ["${DAY}"],
        "weeks_period": "${N}",
    },
}


def test_a_variable_may_stand_for_every_single_value(name: str) -> None:
    judge(name).validate(job(name, **VALUES))
    header = {"name": "shop-${WHERE}", "executors": {"crawl": {"kind": "${KIND}", "workers": "${WORKERS:-32}"}}}
    judge(name).validate({"rota": 1, "configuration": header})


@pytest.mark.parametrize(
    "body",
    [
        {"use": "maybe"},
        {"priority": "high"},
        {"priority": 5000},
        {"timeout": "soon"},
        {"retry": "${RETRY}"},
        {"usee": "${USE}"},
    ],
    ids=str,
)
def test_a_mistake_stays_one(name: str, body: dict[str, Any]) -> None:
    assert not judge(name).is_valid(job(name, **body))
