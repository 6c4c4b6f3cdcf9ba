"""A plan as data: what it says to people and to programs."""

from __future__ import annotations

import json

from rota.model.definition import Configuration, Definition
from rota.plan import Allowed, compare
from rota.plan.snapshot import Actual

NOTHING = Actual(revision=0, digest="", header={}, definitions={}, users=frozenset())


def test_a_plan_is_json() -> None:
    configuration = Configuration(
        name="shop", digest="d", definitions=(Definition(name="a", method="m:f", parameters={"x": [1]}, user="ann"),)
    )
    data = compare(configuration, NOTHING, Allowed()).to_data()
    assert json.loads(json.dumps(data)) == data
    assert (data["configuration"], data["from_revision"]) == ("shop", 0)
    assert [change["kind"] for change in data["changes"]] == ["configuration", "definition", "scheduled job"]
    assert data["changes"][1]["properties"]["parameters"] == {"from": None, "to": {"x": [1]}}
    assert "description" not in data["changes"][1]["properties"], "what says nothing is left out"
    assert data["refusals"] == ["jobs.a.user: there is no user 'ann'"]
    assert data["summary"] == {"create": 1, "update": 0, "rename": 0, "delete": 0, "unchanged": 0}


def test_the_same_pictures_give_the_same_plan() -> None:
    configuration = Configuration(name="shop", definitions=(Definition(name="a", method="m:f"),))
    assert compare(configuration, NOTHING, Allowed()) == compare(configuration, NOTHING, Allowed())
