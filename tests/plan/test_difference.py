"""What differs between two configurations, whatever a database holds."""

from __future__ import annotations

from rota.model.definition import Configuration, Definition
from rota.plan.difference import difference

OLD = Configuration(
    name="shop",
    digest="old",
    timezone="UTC",
    definitions=(
        Definition(name="same", method="m:f", user="ann"),
        Definition(name="gone", method="m:f"),
        Definition(name="load", method="m:f"),
        Definition(name="switched", method="m:f"),
    ),
)
NEW = Configuration(
    name="shop",
    digest="new",
    timezone="Europe/Berlin",
    definitions=(
        Definition(name="same", method="m:f", user="ann"),
        Definition(name="rates", method="m:f", renamed_from="load", user="bob"),
        Definition(name="switched", method="m:f", predefined=False),
        Definition(name="comes", method="m:f"),
    ),
)


def test_everything_that_is_declared_is_compared() -> None:
    plan = difference(OLD, NEW, from_revision=3)
    assert [(each.action, each.kind, each.name) for each in plan.changes] == [
        ("update", "configuration", "shop"),
        ("delete", "definition", "gone"),
        ("rename", "definition", "rates"),
        ("update", "definition", "switched"),
        ("create", "definition", "comes"),
    ]
    assert plan.summary == {"create": 1, "update": 1, "rename": 1, "delete": 1, "unchanged": 1}
    assert (plan.from_revision, plan.refusals) == (3, ())


def test_a_configuration_does_not_differ_from_itself() -> None:
    plan = difference(OLD, OLD, from_revision=1)
    assert plan.is_empty
    assert plan.unchanged == 4


def test_one_without_jobs_can_be_compared_too() -> None:
    assert difference(OLD, Configuration(name="shop"), from_revision=1).summary["delete"] == 4
