"""Configurations from Python, on a real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rota.app.facade import Platform
from rota.model import errors
from tests.support.shop import JOBS, Shop

LATER = JOBS.replace('begin_time: "03:00"', 'begin_time: "04:00"')


def test_from_a_plan_to_its_revision_and_back(platform: Platform, shop: Shop) -> None:
    folder, kept = shop.folder / "shop", shop.folder / "plan"
    home = platform.configurations
    shop.jobs(LATER)
    (plan,) = home.plan(folder, code=False, out=kept)
    assert plan.summary["update"] == 1
    (done,) = home.apply_plan(kept, code=False)
    assert (done.revision, done.plan) == (2, plan)
    with pytest.raises(errors.StalePlan):
        home.apply_plan(kept, folder, code=False)
    assert [(each.name, each.revision, each.applied_by) for each in home.list()] == [("shop", 2, "alice")]
    assert [each.number for each in home.history("shop", newest=1)] == [2]
    assert home.diff(1).summary == home.diff(1, 2).summary == home.diff(1, folder).summary == plan.summary
    assert home.rollback(1, code=False).revision == 3
    assert [each.origin.restores for each in home.history()] == [1, None, None]
    assert home.apply(folder, code=False)[0].revision == 4
    assert home.apply(folder, code=False)[0].plan.is_empty


def test_what_cannot_be_done(platform: Platform, shop: Shop) -> None:
    home, folder = platform.configurations, shop.folder / "shop"
    with pytest.raises(errors.RevisionNotFound) as missing:
        home.rollback(9)
    assert (missing.value.configuration, missing.value.number) == ("shop", 9)
    with pytest.raises(errors.RevisionNotFound, match="did you mean 'shop'"):
        home.export("shpo")
    shop.jobs("")
    plans = home.plan(folder, out=shop.folder / "plan")
    assert [plan.is_empty for plan in plans] == [False]
    assert not (shop.folder / "plan").exists(), "it could not be applied"
    with pytest.raises(errors.EmptyConfiguration):
        home.apply(folder)
    with pytest.raises(errors.UpdateRefused, match="--max-deletes allows 1"):
        home.apply(folder, allow_empty=True, max_deletes=1)
    with pytest.raises(errors.UsageError, match="one configuration is compared"):
        home.diff(1, folder, configuration="depot")


def test_an_override_that_ends_by_itself(platform: Platform) -> None:
    rates = platform.scheduled_jobs.get("rates")
    soon = datetime.now(UTC) + timedelta(hours=1)
    rates.set(use=False, until=soon, reason="maintenance")
    assert (rates.use, rates.to_data()["overrides"]["use"]["until"]) == (False, soon)
    (drift,) = platform.configurations.drift("shop")
    assert (drift.property, drift.value, drift.configured, drift.until, drift.reason) == (
        "use",
        False,
        True,
        soon,
        "maintenance",
    )
    with pytest.raises(errors.RevisionNotFound, match="no configuration 'shpo' is applied; did you mean 'shop'"):
        platform.configurations.drift("shpo")
    assert f"until {soon:%Y-%m-%d %H:%M:%S} UTC, by alice: maintenance" in platform.configurations.export()
    for wrong, words in ((soon - timedelta(hours=2), "not later than now"), (datetime(2100, 1, 1), "a time zone")):  # noqa: DTZ001 -- wrong
        with pytest.raises(errors.UsageError, match=words):
            rates.set(key="k", until=wrong)


def test_an_export_says_what_holds(platform: Platform, shop: Shop) -> None:
    platform.scheduled_jobs.get("rates").set(timeout="90s")
    assert 'timeout: "1m30s"' not in platform.configurations.export()
    assert 'timeout: "1m30s"' in platform.configurations.export("shop", effective=True)
