"""Listing and selecting, as PowerShell's jobs have them or better. Each test is named after its fact."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rota.app.facade import Platform
from rota.model.errors import JobNotFound
from rota.store import Store
from tests.support.command_line import rota
from tests.support.workshop.patience import data, finished


def names(platform: Platform, **conditions: Any) -> list[str]:
    return [job.name for job in platform.background_jobs.list(**conditions)]


def test_p51_the_order_is_that_of_the_starts_newest_first(platform: Platform) -> None:
    for name in ("a", "b", "c"):
        platform.background_jobs.start("work_jobs:give", name=name)
    assert names(platform) == ["c", "b", "a"]
    assert names(platform, newest=2) == ["c", "b"]


def test_p52_an_unknown_job_is_an_error_and_a_pattern_without_match_is_none(
    platform: Platform, store: Store, tmp_path: Path
) -> None:
    for selector in ("nobody", "123e4567"):
        with pytest.raises(JobNotFound):
            platform.background_jobs.get(selector)
    assert names(platform, name="nobody*") == []
    url = store._url.render_as_string(hide_password=False)
    assert rota("jobs", "cancel", "nobody", database=url, cwd=tmp_path).returncode == 3
    done = rota("jobs", "cancel", "nobody*", database=url, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_p53_names_take_wildcards_in_any_case_and_find_children(platform: Platform) -> None:
    platform.background_jobs.map("work_jobs:double", [1, 2], name="Spread_1%")
    platform.background_jobs.start("work_jobs:give", name="spreadx1y")
    assert names(platform, name="SPREAD_1%*") == ["Spread_1%[1]", "Spread_1%[0]", "Spread_1%"]


def test_p54_children_are_listed_when_asked_for(platform: Platform) -> None:
    job = platform.background_jobs.map("work_jobs:double", [1, 2], name="whole")
    assert names(platform) == ["whole"]
    assert names(platform, children=True) == ["whole[1]", "whole[0]", "whole"]
    assert names(platform, children=True, state="queued") == ["whole[1]", "whole[0]"]
    assert [child.name for child in job.children()] == ["whole[0]", "whole[1]"]


def test_p55_before_and_after_are_strict_bounds_of_the_end(workshop: Platform, platform: Platform) -> None:
    start = workshop.background_jobs.start
    for name in ("a", "b", "c"):
        finished(workshop, start("work_jobs:give", name=name, executor="two-threads"))
    later = start("work_jobs:give", name="unfinished", due_at=datetime.fromisoformat("2999-01-01T00:00+00:00"))
    end_of_b = workshop.background_jobs.get("b").to_data()["end_at"]
    assert names(platform, ended_after=end_of_b) == ["c"]
    assert names(platform, ended_before=end_of_b) == ["a"]
    later.cancel()


def test_p56_what_is_unread_and_what_runs_what_can_be_asked_for(workshop: Platform) -> None:
    start = workshop.background_jobs.start
    jobs = [start("work_jobs:count", [2], name=name, executor="two-threads") for name in ("read", "unread")]
    silent = start("work_jobs:nothing", name="silent", executor="two-threads")
    parent = workshop.background_jobs.map("work_jobs:double", [1], name="family", executor="two-threads")
    finished(workshop, *jobs, silent, parent)
    data(jobs[0])
    assert names(workshop, unread=True) == ["family", "unread"]
    assert names(workshop, unread=True, children=True) == ["family[0]", "family", "unread"]
    data(parent)
    assert names(workshop, unread=True) == ["unread"]
    assert names(workshop, method=" WORK_JOBS:COUNT ") == ["unread", "read"]
    assert names(workshop, method="work_jobs:c*") == ["unread", "read"]


def test_p57_jobs_are_seen_from_everywhere(platform: Platform, store: Store, tmp_path: Path) -> None:
    job = platform.background_jobs.start("work_jobs:give", name="shared")
    listed = rota("jobs", "list", database=store._url.render_as_string(hide_password=False), cwd=tmp_path).stdout
    assert job.id[:8] in listed
