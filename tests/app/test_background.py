"""Jobs that were started: found by whatever people call them, and cancelled."""

from __future__ import annotations

import pytest

from rota.app import background
from rota.app.background import Filter
from rota.app.context import Context
from rota.app.facade import Platform
from rota.model.errors import JobNotFound, UsageError
from rota.model.states import State

REPORT = "shop_jobs:report"


@pytest.fixture
def context(platform: Platform) -> Context:
    return platform._context


def start(platform: Platform, name: str) -> str:
    return platform.background_jobs.start(REPORT, {"who": name}, name=name).id


def test_a_selector_is_an_id_its_beginning_or_the_newest_of_a_name(platform: Platform, context: Context) -> None:
    first, second = start(platform, "anna"), start(platform, "anna")
    for selector in (second, second[:13], "anna"):
        assert background.get(context, selector).id == second
    assert [job.id for job in background.get_all(context, [second, first])] == [second, first]
    with pytest.raises(JobNotFound):
        background.get_all(context, [first, "nobody"])


def test_selectors_stand_for_jobs_each_once(platform: Platform, context: Context) -> None:
    anna, bert, again = (start(platform, name) for name in ("anna", "bert", "anna"))
    assert background.resolve(context, ["a*", again, "bert", bert[:13]]) == [anna, again, bert]
    assert background.resolve(context, ["nobody*"]) == []
    with pytest.raises(JobNotFound, match="nobody"):
        background.resolve(context, ["anna", "nobody"])


def test_states_choose_among_the_selected_or_among_all(platform: Platform, context: Context) -> None:
    anna, bert = start(platform, "anna"), start(platform, "bert")
    background.cancel(context, bert)
    assert background.resolve(context, [], [State.QUEUED]) == [anna]
    assert background.resolve(context, ["*"], [State.CANCELLED]) == [bert]
    assert background.resolve(context, ["anna"], [State.CANCELLED]) == []
    assert background.resolve(context, []) == []


def test_a_cancelled_job_stays_as_it_is_and_the_second_wish_is_no_act(platform: Platform, context: Context) -> None:
    job = start(platform, "anna")
    assert background.cancel(context, job) is State.CANCELLED
    assert background.cancel(context, job) is State.CANCELLED
    assert [act.act for act in platform.audit.list(newest=2)] == ["job.cancel", "job.start"]


def test_a_map_is_cancelled_with_its_children(platform: Platform, context: Context) -> None:
    whole = platform.background_jobs.map(REPORT, ["Anna", "Bert"])
    assert background.cancel(context, whole.id) is State.CANCELLED
    assert whole.refresh().child_counts == {"cancelled": 2}


def test_a_filter_that_asks_for_what_is_unread_names_whose(platform: Platform, context: Context) -> None:
    job = platform.background_jobs.start("shop_jobs:load", {"currencies": ["USD"]}, executor="thread")
    platform.process_jobs(until_idle=True)
    unread = Filter(unread_by="alice")
    assert [seen.id for seen in background.select(context, unread)] == [job.id]
    assert background.output(context, job.id, after=0) == list(job.receive())
    assert background.select(context, unread) == []


def test_the_beginning_of_several_ids_is_refused(platform: Platform, context: Context) -> None:
    for number in range(17):  # of seventeen random ids, two begin alike
        start(platform, f"job-{number}")
    beginnings = [job.id[:1] for job in background.select(context, Filter(newest=None))]
    twice = next(each for each in beginnings if beginnings.count(each) > 1)
    with pytest.raises(UsageError, match="is the beginning of several background jobs"):
        background.get(context, twice)
