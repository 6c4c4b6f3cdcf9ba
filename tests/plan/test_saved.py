"""Plans on their way through a pipeline: what is kept, and when it no longer holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from rota.model.definition import Configuration, Definition
from rota.plan import Allowed, Plan, compare
from rota.plan.saved import SavedPlan, SavedPlans, save
from rota.plan.snapshot import Actual

NOTHING = Actual(revision=0, digest="", header={}, definitions={}, users=frozenset())
SHOP = Configuration(
    name="shop", digest="d1", definitions=(Definition(name="a", method="m:f", parameters={"x": [1, 0.5]}),)
)
ALLOWED = Allowed(empty=True, max_deletes=3)


def planned(configuration: Configuration = SHOP, actual: Actual = NOTHING) -> Plan:
    return compare(configuration, actual, ALLOWED)


def test_what_is_saved_reads_back_the_same() -> None:
    saved = save([planned()], ["configurations/shop"], ALLOWED)
    again = SavedPlans.from_json(saved.to_json())
    assert again == saved
    assert again.allowed == ALLOWED
    (plan,) = again.plans
    assert (plan.configuration, plan.source, plan.digest) == ("shop", "configurations/shop", "d1")
    assert plan.why_stale(planned()) is None


@pytest.mark.parametrize(
    ("configuration", "actual", "words"),
    [
        (replace(SHOP, digest="d2"), NOTHING, "its files, the environment"),
        (
            SHOP,
            structs.replace(NOTHING, revision=4, digest="x"),
            "the database is at revision 4, the plan was made from 0",
        ),
        (SHOP, structs.replace(NOTHING, digest="x"), "the database is at revision 0"),
        (replace(SHOP, definitions=()), NOTHING, "overrides or scheduled jobs made by hand have changed"),
    ],
)
def test_what_moved_on_makes_it_stale(configuration: Configuration, actual: Actual, words: str) -> None:
    why = SavedPlan.of(planned(), "shop").why_stale(planned(configuration, actual))
    assert why is not None
    assert words in why


@pytest.mark.parametrize("text", [b"", b"[]", b'{"rota_plan": 2}', b'{"rota_plan": 1, "plans": [{}]}', b"\xff"])
def test_what_is_no_saved_plan(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        SavedPlans.from_json(text)
