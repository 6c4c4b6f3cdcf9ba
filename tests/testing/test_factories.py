"""The factories: sane companions for whatever is left open, and the errors of the real thing."""

from __future__ import annotations

import pytest

from rota.model.errors import ConfigurationError
from rota.store import background_jobs
from rota.testing import SettableClock, apply_configuration, make_configuration, make_store, queue_job


def test_a_configuration_from_a_mapping_is_checked_like_any_other() -> None:
    configuration = make_configuration({"nightly": {"method": "m:f", "schedule": {"cron": "0 3 * * *"}}}, modules=["m"])
    assert [definition.name for definition in configuration.definitions] == ["nightly"]
    with pytest.raises(ConfigurationError) as caught:
        make_configuration({"nightly": {"methd": "m:f"}}, modules=["m"])
    assert "methd" in "".join(caught.value.__notes__)


def test_a_queued_job_stands_in_a_database_of_this_version(database_url: str) -> None:
    clock = SettableClock()
    store = make_store(database_url)
    apply_configuration(store, {"one": {"method": "m:f"}}, now=clock.now(), modules=["m"])
    method = queue_job(store, now=clock.now(), method="m:f", key="k", configuration="trial")
    command = queue_job(store, now=clock.now(), command=("true",))
    with store.read() as tx:
        jobs = [background_jobs.get(tx, job) for job in (method, command)]
    assert [(job.name, job.executor, job.state) for job in jobs] == [
        ("f", "thread", "queued"),
        ("command", "command", "queued"),
    ]
    with pytest.raises(ValueError, match="'k' is taken"):
        queue_job(store, now=clock.now(), method="m:f", key="k")
    store.close()
