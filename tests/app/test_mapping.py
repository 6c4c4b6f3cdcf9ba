"""How a map over items is stored: as a whole or not at all, a child for each item. How it runs is told by contracts."""

from __future__ import annotations

import pytest

from rota.app.facade import Platform
from rota.model.errors import BadParameters, KeyInUse, UsageError

REPORT = "shop_jobs:report"


def test_an_item_is_parameters_or_the_only_one(platform: Platform) -> None:
    whole = platform.background_jobs.map(REPORT, ["Anna", ["Bert", None, 3], {"who": "Carl"}], name="letters", key="k")
    assert (whole.state, whole.to_data()["key"]) == ("running", "k")
    assert whole.to_data()["parameters"] == {"items": 3, "parallel": 32}
    data = [child.to_data() for child in whole.children()]
    assert [(each["name"], each["parameters"], each["key"]) for each in data] == [
        ("letters[0]", ["Anna"], None),
        ("letters[1]", ["Bert", None, 3], None),
        ("letters[2]", {"who": "Carl"}, None),
    ]


def test_one_item_that_does_not_fit_is_named_and_nothing_is_stored(platform: Platform) -> None:
    with pytest.raises(BadParameters, match=r"item 1: .*hwo"):
        platform.background_jobs.map(REPORT, ["Anna", {"hwo": "Bert"}])
    assert platform.background_jobs.list(children=True) == []


def test_a_key_is_that_of_the_whole(platform: Platform) -> None:
    whole = platform.background_jobs.map(REPORT, ["Anna"], key="letters")
    with pytest.raises(KeyInUse) as refused:
        platform.background_jobs.map(REPORT, ["Bert"], key="letters")
    assert refused.value.holder == whole.id
    assert len(platform.background_jobs.list(children=True)) == 2


def test_at_least_one_runs_at_once(platform: Platform) -> None:
    with pytest.raises(UsageError, match="parallel is at least 1, not 0"):
        platform.background_jobs.map(REPORT, ["Anna"], parallel=0)
