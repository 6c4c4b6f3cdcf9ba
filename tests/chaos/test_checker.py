"""The checker accepts a good history, and finds each way in which one can be broken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rota.model.states import State
from rota.schedule import Schedule
from rota.store.missed_notes import Missed
from tests.chaos.checker import RULES, check
from tests.chaos.faults import FAULTS
from tests.chaos.history import Change, Execution, History, Job, Scheduled, Wishes
from tests.support.command_line import ROOT

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def run_of_tick(number: int, start: float, created: float, begun: float) -> Job:
    return Job(
        id=f"tick-{number}",
        scheduled_job="tick",
        nominal_start=at(start),
        created_at=at(created),
        begin_at=at(begun),
        result={"execution": f"of tick-{number}"},
    )


def missed(first: float, last: float, count: int) -> Missed:
    return Missed(
        scheduled_job="tick", first_start=at(first), last_start=at(last), count=count, reason="why", at=at(last)
    )


TICK = Scheduled(
    id="tick",
    name="tick",
    schedule=Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 2, "start_within": 2}),
    active_since=NOON,
    missed=(missed(6, 8, 2),),
    counted=2,
)
"""Due every two seconds. At 0 it ran; 2 is coalesced into 4, 6 and 8 were missed, 12 came while that of 10 was due."""

JOBS = (
    run_of_tick(0, 0, 0.1, 0.2),
    run_of_tick(1, 4, 4.1, 4.2),
    run_of_tick(2, 10, 11.2, 13.2),
    run_of_tick(3, 14, 15.1, 15.2),
    Job(
        id="lost-once",
        attempt=2,
        ends=("lost", "returned"),
        restarts=1,
        may_restart=1,
        key="k",
        result={"execution": "b"},
    ),
    Job(id="after-it", key="k", result={"execution": "c"}),
    Job(id="given-up", state=State.FAILED, attempt=2, ends=("raised", "raised"), restarts=1, may_restart=1),
    Job(id="handed-back", attempt=2, ends=("stopped", "returned"), result={"execution": "h2"}),
    Job(id="cancelled-while-it-waited", state=State.CANCELLED, ends=("raised",), restarts=1, may_restart=3),
    Job(id="cancelled-unseen", state=State.CANCELLED, attempt=0, ends=()),
    Job(id="bought", method="book", result={"execution": "e"}),
    Job(id="many", is_map=True, attempt=0, ends=()),
)


def states(job: str, *path: str | None, key: str | None = None) -> list[Change]:
    """The changes on a way through the states; each time it runs it is another attempt."""
    changes, attempt, before = [], 0, None
    for after in path:
        attempt += after == "running"
        holds = key is not None and after in {"queued", "running", "waiting"}
        changes.append(Change(job=job, before=before, after=after, attempt=attempt, holds=holds, owns=key))
        before = after
    return changes


GOOD = History(
    healed_at=at(14),
    jobs={job.id: job for job in JOBS},
    changes=(
        *states("lost-once", "queued", "running", "waiting", "running", "completed", key="k"),
        *states("after-it", "queued", "running", "completed", key="k"),
        *states("given-up", "queued", "running", "waiting", "running", "failed"),
        *states("cancelled-unseen", "queued", "cancelled"),
    ),
    scheduled=(TICK,),
    executions=(
        *(
            Execution(id=f"of tick-{n}", job=f"tick-{n}", attempt=1, begun=n, ended=n + 0.5, returned=True)
            for n in range(4)
        ),
        Execution(id="a", job="lost-once", attempt=1, begun=20, ended=29),  # a zombie's, of a node that was found lost
        Execution(id="b", job="lost-once", attempt=2, begun=25, ended=26, returned=True),
        Execution(id="c", job="after-it", attempt=1, begun=27, ended=28, returned=True),
        Execution(id="h1", job="handed-back", attempt=1, begun=30),
        Execution(id="h2", job="handed-back", attempt=2, begun=31, ended=32, returned=True),
        Execution(id="e", job="bought", attempt=1, begun=33, ended=34, returned=True),
    ),
    wishes=Wishes(
        transactions=frozenset({"bought", "undone", "unknown"}),
        acknowledged=frozenset({"lost-once", "bought", "many"}),
        undone=frozenset({"undone"}),
    ),
    orders=frozenset({"bought"}),
    effects=(("bought", 1),),
)


def without(job: str) -> History:
    return replace(GOOD, jobs={name: each for name, each in GOOD.jobs.items() if name != job})


def with_job(name: str, **values: Any) -> History:
    return replace(GOOD, jobs={**GOOD.jobs, name: replace(GOOD.jobs[name], **values)})


def with_changes(*changes: Change) -> History:
    return replace(GOOD, changes=(*GOOD.changes, *changes))


def with_execution(name: str, **values: Any) -> History:
    changed = tuple(replace(each, **values) if each.id == name else each for each in GOOD.executions)
    return replace(GOOD, executions=changed)


def more_executions(*more: Execution) -> History:
    return replace(GOOD, executions=(*GOOD.executions, *more))


def with_tick(**values: Any) -> History:
    return replace(GOOD, scheduled=(replace(TICK, **values),))


BROKEN: dict[str, tuple[History, str]] = {
    "a confirmed job is gone": (without("many"), "no_confirmed_start_is_lost"),
    "an order without its job": (replace(GOOD, orders=frozenset({"bought", "unknown"})), "transactions_are_whole"),
    "a job without its order": (replace(GOOD, orders=frozenset()), "transactions_are_whole"),
    "a rolled back order stays": (replace(GOOD, orders=frozenset({"bought", "undone"})), "transactions_are_whole"),
    "a job is still running": (with_job("many", state=State.RUNNING), "every_job_ends"),
    "a job is still waiting": (with_job("given-up", state=State.WAITING), "every_job_ends"),
    "a finished job runs again": (
        with_changes(Change(job="after-it", before="completed", after="running", attempt=2)),
        "states_follow_each_other",
    ),
    "a state that nobody wrote": (
        with_changes(*states("x", "queued", "running"), Change(job="x", before="waiting", after="running", attempt=2)),
        "states_follow_each_other",
    ),
    "a job that comes into being running": (with_changes(*states("x", "running")), "states_follow_each_other"),
    "a job is completed without having run": (
        with_changes(*states("x", "queued", "completed")),
        "states_follow_each_other",
    ),
    "an attempt is left out": (
        with_changes(*states("x", "queued"), Change(job="x", before="queued", after="running", attempt=2)),
        "states_follow_each_other",
    ),
    "an attempt is changed as it ends": (
        with_changes(*states("x", "queued", "running"), Change(job="x", before="running", after="failed", attempt=2)),
        "states_follow_each_other",
    ),
    "a job is deleted": (with_changes(*states("x", "queued", None)), "states_follow_each_other"),
    "a restart too many": (
        with_job("given-up", attempt=3, ends=("raised",) * 3, restarts=2),
        "attempts_keep_to_the_policy",
    ),
    "a restart that nobody counted": (
        with_job("given-up", attempt=3, ends=("raised",) * 3, restarts=1),
        "attempts_keep_to_the_policy",
    ),
    "given up with a restart left": (with_job("given-up", may_restart=2), "attempts_keep_to_the_policy"),
    "an attempt whose end nobody kept": (with_job("after-it", attempt=2), "attempts_keep_to_the_policy"),
    "completed after an error": (with_job("after-it", ends=("raised",)), "attempts_keep_to_the_policy"),
    "failed though it returned": (with_job("after-it", state=State.FAILED), "attempts_keep_to_the_policy"),
    "an attempt is carried out twice": (
        more_executions(Execution(id="z", job="bought", attempt=1, begun=35, ended=36, returned=True)),
        "an_attempt_is_carried_out_once",
    ),
    "an attempt that there never was": (
        more_executions(Execution(id="z", job="bought", attempt=2, begun=35, ended=36, returned=True)),
        "an_attempt_is_carried_out_once",
    ),
    "a job that there never was": (
        more_executions(Execution(id="z", job="nobody's", attempt=1, begun=35)),
        "an_attempt_is_carried_out_once",
    ),
    "a zombie's result": (with_job("lost-once", result={"execution": "a"}), "a_result_is_of_the_last_attempt"),
    "a result of nobody": (with_job("after-it", result=None), "a_result_is_of_the_last_attempt"),
    "a result of a method that was killed": (with_execution("c", returned=False), "a_result_is_of_the_last_attempt"),
    "work that is there twice": (
        replace(GOOD, effects=(("bought", 1), ("bought", 1))),
        "effects_are_those_of_completed_jobs",
    ),
    "work that is not there": (replace(GOOD, effects=()), "effects_are_those_of_completed_jobs"),
    "a zombie's work": (replace(GOOD, effects=(("bought", 2),)), "effects_are_those_of_completed_jobs"),
    "work of a job that failed": (
        with_job("bought", state=State.FAILED, ends=("raised",)),
        "effects_are_those_of_completed_jobs",
    ),
    "work of a job that there is not": (
        replace(GOOD, effects=(("bought", 1), ("nobody's", 1))),
        "effects_are_those_of_completed_jobs",
    ),
    "a key is held twice": (
        with_changes(*states("x", "queued", key="k"), *states("y", "queued", key="k")),
        "keys_are_held_once",
    ),
    "a job goes on beside the next attempt": (
        with_job("lost-once", ends=("raised", "returned")),
        "nothing_runs_beside_itself",
    ),
    "an attempt begins beside the next one, and was not lost": (
        replace(with_execution("a", begun=25.5), jobs=with_job("lost-once", ends=("raised", "returned")).jobs),
        "nothing_runs_beside_itself",
    ),
    "a job goes on beside the next of its key": (with_execution("b", ended=27.5), "nothing_runs_beside_itself"),
    "an end that nobody noted": (with_execution("b", ended=None), "nothing_runs_beside_itself"),
    "an occurrence runs twice": (
        replace(GOOD, jobs={**GOOD.jobs, "again": replace(GOOD.jobs["tick-1"], id="again")}),
        "every_occurrence_is_accounted_for",
    ),
    "an occurrence is forgotten": (without("tick-0"), "every_occurrence_is_accounted_for"),
    "one that was open no longer": (
        with_job("tick-1", created_at=at(5), begin_at=at(5)),
        "every_occurrence_is_accounted_for",
    ),
    "one that came after the run had begun": (
        with_job("tick-2", begin_at=at(11.5)),
        "every_occurrence_is_accounted_for",
    ),
    "a miss is not noted": (with_tick(missed=(missed(6, 6, 1),), counted=1), "every_occurrence_is_accounted_for"),
    "a miss is noted twice": (
        with_tick(missed=(missed(6, 8, 2), missed(8, 8, 1)), counted=3),
        "every_occurrence_is_accounted_for",
    ),
    "a note counts too few": (with_tick(missed=(missed(6, 8, 1),), counted=1), "every_occurrence_is_accounted_for"),
    "a note counts too many": (with_tick(missed=(missed(6, 8, 3),), counted=3), "every_occurrence_is_accounted_for"),
    "the count differs from the notes": (with_tick(counted=1), "every_occurrence_is_accounted_for"),
    "a miss that ran": (
        with_tick(missed=(missed(6, 8, 2), missed(10, 10, 1)), counted=3),
        "every_occurrence_is_accounted_for",
    ),
    "a start that is no occurrence": (with_job("tick-3", nominal_start=at(15)), "every_occurrence_is_accounted_for"),
    "a job that never starts again": (replace(GOOD, healed_at=at(15)), "every_occurrence_is_accounted_for"),
}


def test_a_good_history_is_accepted() -> None:
    assert check(GOOD) == []


def test_a_node_that_was_found_lost_may_begin_late() -> None:
    """It was frozen after its claim. The attempt that took over had begun by then."""
    assert check(with_execution("a", begun=25.5)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(name: str) -> None:
    history, rule = BROKEN[name]
    assert rule in {violation.rule for violation in check(history)}


def test_every_rule_is_broken_by_something() -> None:
    assert {rule for _, rule in BROKEN.values()} == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_violation_is_told_by_the_rule_alone(rule: Callable[[History], Any]) -> None:
    """Each rule sees what it is for, also where no other one sees anything."""
    seen = [
        {violation.rule for violation in check(history)}
        for history, broken in BROKEN.values()
        if broken == rule.__name__
    ]
    assert {rule.__name__} in seen


def test_the_page_about_reliability_names_every_rule() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [rule.__name__ for rule in RULES]


def test_the_page_about_reliability_names_every_fault() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    table = page.split("| fault | what it is |\n| --- | --- |\n")[1].split("\n\n")[0]
    named = {name for line in table.splitlines() for name in line.split("|")[1].strip().split(", ")}
    assert named == {fault.name for fault in FAULTS}
