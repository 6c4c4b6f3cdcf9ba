"""Overrides are checked by the rules of configurations, and kept in the form of definitions."""

from __future__ import annotations

from typing import Any

import pytest

from rota.app.facade import Platform
from rota.model.errors import UsageError
from tests.support.shop import JOBS, Shop


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"timeout": "10m"}, {"timeout": 600}),
        ({"key": None}, {"key": None}),
        ({"schedule": None}, {"schedule": None}),
        ({"priority": 5, "executor": "thread"}, {"priority": 5, "executor": "thread"}),
        (
            {"retry": {"count": 2}},
            {"retry": {"count": 2, "interval": 0, "backoff": 1.0, "max_interval": None, "on_timeout": True}},
        ),
    ],
)
def test_values_are_kept_as_definitions_keep_them(
    platform: Platform, values: dict[str, Any], kept: dict[str, Any]
) -> None:
    overrides = platform.scheduled_jobs.get("rates").set(**values).to_data()["overrides"]
    assert {name: override["value"] for name, override in overrides.items()} == kept
    assert {override["by"] for override in overrides.values()} == {"alice"}


def test_what_a_retry_does_not_name_stays_as_it_is_in_force(shop: Shop, platform: Platform) -> None:
    policy = "{count: 5, interval: 1m, backoff: 2.0, max_interval: 1h, on_timeout: false}"
    shop.jobs(JOBS.replace("    key: rates\n", f"    key: rates\n    retry: {policy}\n"))
    shop.apply()
    job = platform.scheduled_jobs.get("rates").set(retry={"count": 1})
    configured = {"count": 5, "interval": 60, "backoff": 2.0, "max_interval": 3600, "on_timeout": False}
    assert job.to_data()["retry"] == {**configured, "count": 1}
    job.set(retry={"interval": "2m", "max_interval": None})
    assert job.to_data()["retry"] == {**configured, "count": 1, "interval": 120, "max_interval": None}
    assert job.reset("retry").to_data()["retry"] == configured


def test_a_schedule_without_a_zone_has_that_of_its_configuration(platform: Platform) -> None:
    job = platform.scheduled_jobs.get("rates").set(schedule={"days_repeat_period": 1, "begin_time": "05:00"})
    assert job.to_data()["schedule_text"] == "Every day at 05:00 (Europe/Berlin)"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "nothing to set"),
        ({"usee": False}, "'usee' cannot be overridden; these can: description"),
        ({"method": "a:b"}, "'method' cannot be overridden"),
        ({"parameters": {}}, "parameters of a predefined job cannot be overridden; change its configuration"),
        ({"timeout": "soon"}, "timeout: "),
        ({"use": "off"}, r"use: takes true or false, not 'off', which is text \(write false\)"),
        ({"user": "nobody"}, "there is no user 'nobody'"),
        ({"executor": "crawl"}, "executor: "),
        ({"schedule": {"begin_time": "25:00"}, "timeout": "soon"}, "schedule.begin_time: .*; timeout: "),
    ],
)
def test_what_is_refused(platform: Platform, values: dict[str, Any], words: str) -> None:
    job = platform.scheduled_jobs.get("rates")
    with pytest.raises(UsageError, match=words):
        job.set(**values)
    assert job.refresh().to_data()["overrides"] == {}


def test_what_cannot_be_reset(platform: Platform) -> None:
    job = platform.scheduled_jobs.get("rates")
    with pytest.raises(UsageError, match="'usee' is not a property"):
        job.reset("usee")
    assert job.reset("use").to_data()["overrides"] == {}, "to reset what is not overridden is no error"
