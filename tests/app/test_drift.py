"""Where scheduled jobs are not what their configuration says."""

from __future__ import annotations

import pytest

from rota.app.drift import drift
from rota.app.facade import Platform
from rota.model.errors import RevisionNotFound


def test_every_override_by_job_and_property(platform: Platform) -> None:
    platform.scheduled_jobs.get("rates").set(use=False, priority=3, reason="bank holiday")
    platform.scheduled_jobs.create("report", name="for-anna", parameters={"who": "Anna"})
    found = drift(platform._context)
    assert [(each.scheduled_job, each.property, each.configured, each.value) for each in found] == [
        ("for-anna", "parameters", None, {"who": "Anna"}),
        ("rates", "priority", 0, 3),
        ("rates", "use", True, False),
    ]
    assert [(each.predefined, each.by, each.reason) for each in found[1:]] == [(True, "alice", "bank holiday")] * 2
    assert not found[0].predefined


def test_a_configuration_that_is_not_applied_is_refused_and_not_without_drift(platform: Platform) -> None:
    platform.scheduled_jobs.get("rates").set(use=False)
    with pytest.raises(RevisionNotFound, match="no configuration 'market' is applied"):
        drift(platform._context, "market")
    assert [each.to_data()["configuration"] for each in drift(platform._context, "shop")] == ["shop"]


def test_what_is_reset_is_drift_no_more(platform: Platform) -> None:
    job = platform.scheduled_jobs.get("rates").set(use=False, priority=3)
    job.reset("use")
    assert [each.property for each in drift(platform._context)] == ["priority"]
    job.reset()
    assert drift(platform._context) == []
