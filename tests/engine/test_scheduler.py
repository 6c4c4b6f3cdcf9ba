"""The scheduler: every due occurrence makes exactly one background job, or is noted as missed with its reason."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from rota.engine.scheduled_start import background_job_of
from rota.engine.scheduler import POLL, Decision, decide
from rota.model.background_job import BackgroundJob, Lease
from rota.model.errors import DatabaseUnavailable
from rota.model.lock import LockName
from rota.model.outcome import End
from rota.model.scheduled_job import LastJob, Override, ScheduledJob
from rota.model.states import State
from rota.model.timing import timing_from
from rota.model.transitions import Next
from rota.model.users import Role
from rota.schedule import Schedule
from rota.store import (
    Store,
    background_jobs,
    claims,
    locks,
    missed_notes,
    new_jobs,
    scheduled_changes,
    scheduled_jobs,
    scheduled_runs,
    transitions,
    users,
)
from rota.store.background_jobs import Filter
from rota.store.transitions import Ending
from rota.testing import SettableClock, queue_job
from tests.schedule.drawn import anything, instants, parsed, steady
from tests.support.node import ON_POSTGRESQL, ON_SQLITE, Node
from tests.support.statements import statements, writes
from tests.support.stored import breaking

Apply = Callable[..., None]
Scheduled = Callable[[str], ScheduledJob]

HOURLY = {"days_repeat_period": 1, "repeat_period_in_day": "1h"}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""Where the clock begins: a Monday."""


def job(schedule: Any, **values: Any) -> dict[str, Any]:
    return {"method": "trial_jobs:give", "executor": "thread", "schedule": schedule, **values}


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


def runs(store: Store, name: str = "*") -> list[BackgroundJob]:
    """The background jobs there are, oldest first."""
    with store.read() as tx:
        return background_jobs.select_jobs(tx, Filter(name=name, newest=10_000))[::-1]


def missed(store: Store, of: ScheduledJob) -> list[tuple[int, datetime, datetime, str]]:
    with store.read() as tx:
        return [(each.count, each.first_start, each.last_start, each.reason) for each in missed_notes.newest(tx, of.id)]


@pytest.fixture(autouse=True)
def _player(register: Callable[[str], str]) -> None:
    register("player")


def claim_all(store: Store, clock: SettableClock) -> list[Lease]:
    """Begin every queued job, as a node would."""
    with store.write() as tx:
        return claims.claim(tx, node="player", queue="thread", limit=100, now=clock.now(), paths={})


def end(store: Store, clock: SettableClock, leases: list[Lease], state: State = State.COMPLETED) -> None:
    """End these runs, as a node would."""
    with store.write() as tx:
        transitions.end_attempts(
            tx,
            [
                Ending(
                    sequence=lease.sequence,
                    job=lease.attempt.job,
                    number=lease.attempt.number,
                    node="player",
                    begin_at=lease.claimed_at,
                    end_at=clock.now(),
                    process=None,
                    end=End.RETURNED,
                    next=Next(state=state, restarts=0),
                    scheduled_job=lease.scheduled_job,
                    run_begin=lease.begin_at,
                )
                for lease in leases
            ],
        )


def test_a_due_occurrence_makes_exactly_one_job(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job(HOURLY, parameters=["x"], key="k", priority=3, timeout="5m", retry={"count": 2})})
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 0}
    clock.advance(60)
    for _ in range(3):
        assert node.run("scheduler").counts == {}
    (run,) = runs(store)
    mine = scheduled("hourly")
    assert (run.state, run.name, run.nominal_start, run.due_at) == (State.QUEUED, "hourly", NOON, NOON)
    assert (run.parameters, run.key, run.priority, run.scheduled_job) == (["x"], "k", 3, mine.id)
    assert (mine.active_job, mine.next_start) == (run.id, at(13))
    assert [facts["job"] for facts in node.told("job.due")] == [run.id]


def test_an_idle_pass_writes_nothing_and_says_when_to_look(
    node: Node, apply: Apply, store: Store, clock: SettableClock
) -> None:
    apply({"hourly": job({**HOURLY, "begin_time": "12:00:10"})})
    with statements(store) as seen:
        done = node.run("scheduler")
    assert (done.counts, done.next_at) == ({}, at(12, 0, 10))
    assert writes(seen) == []
    assert len(seen) <= 2


def test_many_due_together_are_started_in_one_pass(node: Node, apply: Apply, store: Store) -> None:
    apply({f"job-{number}": job(HOURLY, **({"key": "k"} if number % 2 else {})) for number in range(20)})
    assert node.run("scheduler").counts["started"] == 20
    assert len({run.name for run in runs(store)}) == 20


def test_what_is_started_is_claimed_by_one_statement(node: Node, apply: Apply, store: Store) -> None:
    """The dispatcher is told the queues: it need not ask which of them have jobs, nor what else may be due."""
    apply({f"job-{number}": job(HOURLY) for number in range(20)})
    node.run("dispatcher")
    with statements(store) as seen:
        node.run("scheduler")
    assert len(_without_begin(seen)) <= 9, "as many as for one job"
    with statements(store) as seen:
        assert node.run("dispatcher").counts["claimed"] == 20
    assert len(_without_begin(seen)) == 1


def _without_begin(seen: list[str]) -> list[str]:
    """Only SQLite's transactions are begun by a statement that is seen here."""
    return [each for each in seen if not each.startswith("BEGIN")]


def test_while_it_runs_it_is_not_started_again(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job(HOURLY)})
    node.run("scheduler")
    clock.advance(1)
    leases = claim_all(store, clock)
    clock.set(at(14, 30))
    assert node.run("scheduler").counts == {}
    end(store, clock, leases)
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 0}
    assert [run.nominal_start for run in runs(store)] == [at(12), at(14)]
    last = scheduled("hourly").last_job
    assert last is not None
    assert (last.begin_at, last.end_at, last.state) == (at(12, 0, 1), at(14, 30), "completed")


def test_what_came_due_while_nobody_looked_makes_one_run(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job(HOURLY)})
    clock.set(at(15, 20))
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 0}
    assert [run.nominal_start for run in runs(store)] == [at(15)]
    end(store, clock, claim_all(store, clock))
    assert node.run("scheduler").counts == {}
    assert scheduled("hourly").next_start == at(16)


def test_what_closed_while_no_engine_ran_is_missed(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m"})})
    clock.set(at(15, 20))
    assert node.run("scheduler").counts == {"looked": 1, "started": 0, "missed": 4}
    assert missed(store, scheduled("hourly")) == [(4, at(12), at(15), "no engine was running")]
    assert scheduled("hourly").missed == 4
    assert [facts["count"] for facts in node.told("job.missed")] == [4]
    clock.set(at(16))
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 0}
    assert [run.nominal_start for run in runs(store)] == [at(16)]


def test_what_closed_during_a_run_is_missed_because_of_it(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m"})})
    node.run("scheduler")
    leases = claim_all(store, clock)
    clock.set(at(14, 30))
    end(store, clock, leases)
    node.run("scheduler")
    assert missed(store, scheduled("hourly")) == [(2, at(13), at(14), "the previous run was still going")]


def test_what_closed_during_a_pause_is_missed_because_of_it(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m", "repeat_pause": "90m"})})
    node.run("scheduler")
    end(store, clock, claim_all(store, clock))
    clock.set(at(13, 6))
    node.run("scheduler")
    assert missed(store, scheduled("hourly")) == [(1, at(13), at(13), "the pause after the previous run was not over")]
    clock.set(at(14))
    assert node.run("scheduler").counts["started"] == 1


def test_a_pause_counts_from_the_end_of_the_run(node: Node, apply: Apply, store: Store, clock: SettableClock) -> None:
    apply({"steady": job({"days_repeat_period": 1, "repeat_period_in_day": "5m", "repeat_pause": "90s"})})
    node.run("scheduler")
    leases = claim_all(store, clock)
    clock.set(at(12, 4, 30))
    end(store, clock, leases)
    assert node.run("scheduler").counts == {}
    clock.set(at(12, 5))
    done = node.run("scheduler")
    assert (done.counts.get("started", 0), done.next_at) == (0, at(12, 5, 30))
    clock.set(at(12, 6))
    assert node.run("scheduler").counts["started"] == 1
    assert runs(store)[-1].nominal_start == at(12, 5)


FOLLOWING = {"days_repeat_period": 1, "begin_time": "12:00", "end_time": "18:00", "repeat_pause": "30m"}


def test_a_pause_without_a_period_begins_the_next_start(
    node: Node, apply: Apply, store: Store, clock: SettableClock
) -> None:
    apply({"following": job(FOLLOWING)})
    assert node.run("scheduler").counts["started"] == 1
    leases = claim_all(store, clock)
    clock.set(at(12, 40))
    assert node.run("scheduler").counts == {}
    end(store, clock, leases)
    assert node.run("scheduler").counts["started"] == 0
    clock.set(at(13, 10))
    assert node.run("scheduler").counts["started"] == 1
    assert [run.nominal_start for run in runs(store)] == [at(12), at(13, 10)]


def test_a_new_pause_without_a_period_follows_the_run_in_progress(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"following": job({"days_repeat_period": 1, "begin_time": "12:00"})})
    node.run("scheduler")
    leases = claim_all(store, clock)
    clock.set(at(12, 10))
    apply({"following": job(FOLLOWING)})
    clock.set(at(12, 11))
    end(store, clock, leases)
    clock.set(at(12, 30))
    assert (node.run("scheduler").counts["started"], scheduled("following").look_at) == (0, at(12, 41))


def test_a_taken_key_holds_an_occurrence_back_until_it_is_free(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"daily": job({"days_repeat_period": 1, "begin_time": "12:00"}, key="k")})
    mine = scheduled("daily")
    holder = hold_key(store, clock, mine)
    done = node.run("scheduler")
    assert done.counts == {"looked": 1, "started": 0, "missed": 0}
    assert done.next_at == clock.now() + timedelta(seconds=1)
    assert scheduled("daily").held == f"key 'k' is in use by background job {holder}"
    clock.advance(1)
    node.run("scheduler")
    assert len(node.told("job.held")) == 1
    with store.write() as tx:
        transitions.request_cancel(tx, holder, by="tester", grace=None, now=clock.now())
    clock.advance(1)
    assert node.run("scheduler").counts["started"] == 1
    assert scheduled("daily").held is None


def test_a_key_that_stays_taken_is_the_reason_why_an_occurrence_was_missed(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"daily": job({"days_repeat_period": 1, "begin_time": "12:00", "start_within": "3s"}, key="k")})
    holder = hold_key(store, clock, scheduled("daily"))
    for _ in range(4):
        node.run("scheduler")
        clock.advance(1)
    node.run("scheduler")
    reason = f"key 'k' is in use by background job {holder}"
    assert missed(store, scheduled("daily")) == [(1, NOON, NOON, reason)]
    assert scheduled("daily").held is None
    assert scheduled("daily").look_at == at(12, day=3)


def test_what_held_a_job_is_not_the_reason_for_what_was_missed_later(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    """Of a key that was free long before the windows closed, while no engine ran, or somebody had started the job."""
    brief = {**HOURLY, "end_time": "18:00", "start_within": "10m"}
    apply({name: job(brief, key="k") for name in ("left", "by-hand")})
    holders = [hold_key(store, clock, scheduled(name)) for name in ("left", "by-hand")]
    node.run("scheduler")
    with store.write() as tx:
        for holder in holders:
            transitions.request_cancel(tx, holder, by="tester", grace=None, now=clock.now())
        run = background_job_of(scheduled("by-hand"), clock.now())
        new_jobs.insert_jobs(tx, [run], {run.id: "thread"})
        scheduled_runs.start_by_hand(tx, scheduled("by-hand").id, run.id)
    leases = claim_all(store, clock)
    clock.set(at(19))
    end(store, clock, leases)
    clock.set(at(20))
    node.run("scheduler")
    held = f"key 'k' is in use by background job {holders[0]}"
    assert missed(store, scheduled("left")) == [(7, NOON, at(18), f"{held}; later no engine was running")]
    assert missed(store, scheduled("by-hand")) == [(6, at(13), at(18), "the previous run was still going")]


def hold_key(store: Store, clock: SettableClock, of: ScheduledJob) -> str:
    """Have an earlier, still active run of another scheduled job of the definition hold the key."""
    return queue_job(
        store,
        now=clock.now(),
        method="trial_jobs:give",
        key="k",
        key_scope=f"definition {of.definition_id}",
        due_at=clock.now() + timedelta(days=1),
    )


def test_when_a_run_must_stop_goes_with_it(node: Node, apply: Apply, store: Store, clock: SettableClock) -> None:
    schedule = {"days_repeat_period": 1, "begin_time": "12:00", "completion_time": "14:30", "completion_interval": "1h"}
    apply({"daily": job(schedule)})
    node.run("scheduler")
    (lease,) = claim_all(store, clock)
    assert (lease.stop_at, lease.completion_interval) == (at(14, 30), 3600)


def test_switched_off_nothing_exists_and_switched_on_it_begins_anew(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({"hourly": job(HOURLY, use=False)})
    clock.set(at(14, 30))
    assert node.run("scheduler").counts == {}
    apply({"hourly": job(HOURLY)})
    assert node.run("scheduler").counts == {}
    assert (scheduled("hourly").active_since, scheduled("hourly").look_at) == (at(14, 30), at(15))
    clock.set(at(15))
    node.run("scheduler")
    assert [run.nominal_start for run in runs(store)] == [at(15)]
    assert missed(store, scheduled("hourly")) == []
    apply({"hourly": job(HOURLY, use=False)})
    end(store, clock, claim_all(store, clock))
    clock.set(at(18))
    assert node.run("scheduler").counts == {}


def test_an_exhausted_schedule_is_never_looked_at_again(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    once = {"begin_date": "2026-03-02", "begin_time": "12:00", "start_within": "1m"}
    apply({"taken": job(once), "let-go": job({**once, "begin_time": "13:00"})})
    node.run("scheduler")
    end(store, clock, claim_all(store, clock))
    node.run("scheduler")
    assert (scheduled("taken").look_at, scheduled("taken").next_start) == (None, None)
    clock.set(at(14))
    node.run("scheduler")
    assert (scheduled("let-go").look_at, scheduled("let-go").missed) == (None, 1)
    clock.advance(timedelta(days=400))
    assert node.run("scheduler").counts == {}
    assert len(runs(store)) == 1


def test_a_union_merges_equal_starts(node: Node, apply: Apply, store: Store, clock: SettableClock) -> None:
    apply({"both": job([{"cron": "0 * * * *"}, {"days_repeat_period": 1, "begin_time": "13:00"}])})
    for hour in (12, 13, 14):
        clock.set(at(hour))
        node.run("scheduler")
        end(store, clock, claim_all(store, clock))
        node.run("scheduler")
    assert [run.nominal_start for run in runs(store)] == [at(12), at(13), at(14)]


def test_in_a_union_a_missed_start_does_not_take_an_earlier_open_one_with_it(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    wide = {"days_repeat_period": 1, "begin_time": "12:30", "repeat_pause": "1h"}
    brief = {"days_repeat_period": 1, "begin_time": "12:40", "repeat_pause": "1h", "start_within": "1m"}
    apply({"both": job([{"cron": "0 12 * * *", "repeat_pause": "1h"}, wide, brief])})
    node.run("scheduler")
    end(store, clock, claim_all(store, clock))
    for moment in (at(12, 30), at(12, 42), at(12, 59)):
        clock.set(moment)
        assert node.run("scheduler").counts.get("started", 0) == 0
    clock.set(at(13))
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 1}
    assert runs(store)[-1].nominal_start == at(12, 30)
    assert missed(store, scheduled("both")) == [
        (1, at(12, 40), at(12, 40), "the pause after the previous run was not over")
    ]


def test_in_a_union_a_missed_start_does_not_take_one_with_it_that_its_key_holds_back(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    wide = {"days_repeat_period": 1, "begin_time": "12:00"}
    brief = {"days_repeat_period": 1, "begin_time": "12:10", "start_within": "1m"}
    apply({"both": job([wide, brief], key="k")})
    holder = hold_key(store, clock, scheduled("both"))
    for moment in (at(12), at(12, 20)):
        clock.set(moment)
        assert node.run("scheduler").counts == {"looked": 1, "started": 0, "missed": 0}
    with store.write() as tx:
        transitions.request_cancel(tx, holder, by="tester", grace=None, now=clock.now())
    clock.set(at(12, 21))
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 1}
    assert runs(store)[-1].nominal_start == at(12)
    reason = f"key 'k' is in use by background job {holder}"
    assert missed(store, scheduled("both")) == [(1, at(12, 10), at(12, 10), reason)]


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_pass_that_fails_starts_all_or_nothing(node: Node, apply: Apply, store: Store, *, after_commit: bool) -> None:
    apply({f"job-{number}": job(HOURLY) for number in range(3)})
    with breaking(store, after_commit=after_commit), pytest.raises(DatabaseUnavailable):
        node.run("scheduler")
    assert len(runs(store)) == (3 if after_commit else 0)
    node.run("scheduler")
    assert sorted(run.name for run in runs(store)) == ["job-0", "job-1", "job-2"]


@ON_POSTGRESQL
def test_several_nodes_at_once_make_one_job_of_an_occurrence(
    make_node: Callable[..., Node], apply: Apply, store: Store, clock: SettableClock
) -> None:
    apply({f"job-{number}": job(HOURLY) for number in range(30)})
    nodes = [make_node() for _ in range(4)]
    failures: list[BaseException] = []

    def run(node: Node) -> None:
        try:
            node.run("scheduler")
        except DatabaseUnavailable as error:
            failures.append(error)

    for hour in (12, 13):
        clock.set(at(hour))
        threads = [threading.Thread(target=run, args=[node]) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        nodes[0].run("scheduler")
        end(store, clock, claim_all(store, clock))
        nodes[0].run("scheduler")
    counted = [(run.name, run.nominal_start) for run in runs(store)]
    assert len(counted) == len(set(counted)) == 60
    assert failures == []


YEAR: dict[str, Any] = {
    "last-days": {"days_repeat_period": 1, "day_in_month": -1, "begin_time": "09:00", "timezone": "Europe/Berlin"},
    "second-wednesdays": {"days_repeat_period": 1, "week_day_in_month": 2, "week_days": [3], "begin_time": "09:00"},
    "every-tenth-day": {"days_repeat_period": 10, "begin_time": "02:30", "timezone": "Europe/Berlin"},
    "cron": {"cron": "15 6 1,15 * *"},
    "both": [{"cron": "0 0 1 * *"}, {"days_repeat_period": 1, "months": ["jan"], "week_days": ["sun"]}],
    "once": {"begin_date": "2026-08-09"},
}


@ON_SQLITE
def test_a_year_has_exactly_the_runs_that_its_schedules_name(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    apply({name: job(schedule) for name, schedule in YEAR.items()})
    until = NOON + timedelta(days=365)
    while (look := next_look(store)) is not None and look < until:
        clock.set(max(look, clock.now()))
        node.run("scheduler")
        end(store, clock, claim_all(store, clock))
    for name, data in YEAR.items():
        expected = Schedule.parse(data).next_occurrences(NOON, 400, active_since=NOON)
        started = [run.nominal_start for run in runs(store, name)]
        assert started == [each.start for each in expected if each.start < until], name
        assert scheduled(name).missed == 0
    assert len(runs(store)) > 80


def next_look(store: Store) -> datetime | None:
    with store.read() as tx:
        return scheduled_jobs.next_look(tx)


PROPERTIES: dict[str, Any] = {
    "use": True,
    "schedule": {"days_repeat_period": 1, "repeat_period_in_day": 3600},
    "method": "trial_jobs:give",
    "command": None,
    "parameters": None,
    "key": None,
    "user": "admin",
    "executor": "thread",
    "priority": 0,
    "retry": {},
    "timeout": None,
}


def stored(**values: Any) -> ScheduledJob:
    """A scheduled job as it stands in the database, due now."""
    facts: dict[str, Any] = {
        "id": "1",
        "name": "job",
        "definition": "job",
        "definition_id": 1,
        "configuration": "trial",
        "predefined": True,
        "configured": PROPERTIES,
        "overrides": {},
        "active_since": at(0),
        "considered": at(11),
        "next_start": NOON,
        "look_at": NOON,
        "active_job": None,
        "last_job": None,
        "held": None,
        "missed": 0,
        "unresolved": None,
        "created_at": at(0),
    }
    return ScheduledJob(**{**facts, **values})


def test_a_job_without_a_schedule_is_put_aside() -> None:
    decision = decide(stored(configured={"use": True, "schedule": None}), NOON)
    assert (decision.start, decision.look.look_at, decision.look.next_start) == (None, None, None)


def test_an_occurrence_that_a_run_has_dealt_with_is_not_due() -> None:
    last = LastJob(id="2", state="completed", begin_at=at(12, 0, 1), end_at=at(12, 5))
    decision = decide(stored(last_job=last, look_at=at(12, 5)), at(12, 5))
    assert decision.start is None
    assert decision.look.look_at == at(13)


def test_a_job_that_is_not_to_be_looked_at_cannot_be_decided_about() -> None:
    with pytest.raises(ValueError, match="not to be decided about"):
        decide(stored(look_at=None), NOON)


# What the end of a run changes


def until_a_start(
    job: ScheduledJob, look_at: datetime | None, *, before: datetime
) -> tuple[ScheduledJob, Decision | None]:
    """Look at the job as often as it asks for, until something starts; only at instants before one."""
    while look_at is not None and look_at < before:
        decision = decide(replace(job, look_at=look_at), look_at)
        job = replace(job, considered=decision.look.considered, missed=job.missed + decision.look.missed)
        look_at = decision.look.look_at
        if decision.start:
            return replace(job, look_at=look_at), decision
    return replace(job, look_at=look_at), None


@steady
@given(
    data=anything,
    since=instants(),
    late=st.sampled_from((0.0, 0.2, 70.0)),
    lasted=st.sampled_from((0.0, 0.7, 3.0, 599.5, 1801.0, 5000.0, 90_000.0)),
    by_hand=st.sampled_from((None, 0.5, 300.0, 7000.0)),
)
def test_a_look_at_the_end_of_a_run_finds_nothing_that_the_next_one_would_not(
    data: Any, since: datetime, late: float, lasted: float, by_hand: float | None
) -> None:
    """Whoever ends a run need not have the job looked at: a start that a run puts off comes after a nominal start."""
    schedule = parsed(data)
    timing = asdict(timing_from(since, schedule, use=True))
    job = stored(configured={**PROPERTIES, "schedule": schedule.to_data()}, **timing)
    job, first = until_a_start(job, job.look_at, before=since + timedelta(days=60))
    assume(first)
    assert first is not None
    assert first.start is not None
    begin = first.start.created_at + timedelta(seconds=late)
    end = begin + timedelta(seconds=lasted)
    if by_hand is not None:
        job = replace(job, last_job=LastJob(id="2", state="completed", begin_at=begin, end_at=end))
        begin = end + timedelta(seconds=by_hand)
        job, second = until_a_start(job, job.look_at and max(job.look_at, end), before=begin)
        assume(second is None)
        end = begin + timedelta(seconds=lasted)
    job = replace(job, last_job=LastJob(id="3", state="completed", begin_at=begin, end_at=end))
    horizon = end + timedelta(days=60)
    at_once, found = until_a_start(job, end, before=horizon)
    later, found_later = until_a_start(job, job.look_at and max(job.look_at, end), before=horizon)
    assert started(found) == started(found_later)
    assert (at_once.missed, at_once.considered) == (later.missed, later.considered)


def started(decision: Decision | None) -> Any:
    """When it starts, and as what."""
    return decision and decision.start and (decision.start.created_at, decision.start.nominal_start)


# Overrides that end by themselves


def switch_off(store: Store, job: ScheduledJob, clock: SettableClock, until: datetime) -> None:
    with store.write() as tx:
        override = Override(value=False, by="ann", at=clock.now(), until=until)
        scheduled_changes.set_overrides(tx, job.id, {"use": override})
        scheduled_changes.retime(tx, {job.id: (False, timing_from(clock.now(), job.schedule, use=False))})


def test_an_override_that_is_over_is_lifted_and_what_is_due_then_starts(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    clock.set(at(12, 30))
    apply({"hourly": job(HOURLY)})
    switch_off(store, scheduled("hourly"), clock, at(14))
    assert node.run("scheduler").next_at == clock.now() + POLL
    clock.set(at(13, 59, 50))
    assert node.run("scheduler").next_at == at(14), "it wakes when the override ends"
    assert runs(store) == []
    clock.set(at(14))
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 0}
    assert [run.nominal_start for run in runs(store)] == [at(14)]
    after = scheduled("hourly")
    assert (after.overrides, after.use, after.active_since, after.next_start) == ({}, True, at(14), at(15))
    (told,) = node.told("override.ended")
    assert (told["name"], told["properties"]) == ("hourly", ["use"])


def test_an_override_that_ended_while_no_engine_ran_counts_from_its_end(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    clock.set(at(12, 30))
    apply({"hourly": job({**HOURLY, "start_within": "10m"})})
    switch_off(store, scheduled("hourly"), clock, at(13, 30))
    clock.set(at(16, 5))
    node.run("scheduler")
    assert [run.nominal_start for run in runs(store)] == [at(16)]
    assert [(count, first, last) for count, first, last, _ in missed(store, scheduled("hourly"))] == [
        (2, at(14), at(15))
    ], "and not what came while it was switched off"


# Locks and disabled users


@pytest.mark.parametrize("name", LockName)
def test_while_it_is_locked_nothing_starts_and_what_is_open_starts_afterwards(
    node: Node, apply: Apply, clock: SettableClock, name: LockName, lock: Callable[..., None]
) -> None:
    apply({"hourly": job(HOURLY)})
    lock(name)
    for _ in range(3):
        done = node.run("scheduler")
        assert (done.counts, done.next_at) == ({}, clock.now() + timedelta(seconds=30))
        clock.advance(timedelta(minutes=70))
    assert runs(node.store) == []
    with node.store.write() as tx:
        locks.free(tx, name, clock.now())
    assert node.run("scheduler").counts == {"looked": 1, "started": 1, "missed": 0}
    assert [run.nominal_start for run in runs(node.store)] == [at(15)], "one run for all that came due"


def test_what_closed_under_a_lock_is_missed_because_of_it(
    node: Node, apply: Apply, clock: SettableClock, scheduled: Scheduled, lock: Callable[..., None]
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m"})})
    lock(LockName.SCHEDULED_JOBS, until=at(13, 30))
    clock.set(at(13, 20))
    assert node.run("scheduler").counts == {}
    clock.set(at(13, 30))
    assert node.run("scheduler").counts == {"looked": 1, "started": 0, "missed": 2}
    reason = "locked (scheduled-jobs) by ann: a new disk"
    assert missed(node.store, scheduled("hourly")) == [(2, at(12), at(13), reason)]


def test_a_lock_that_was_lifted_is_the_reason_still(
    node: Node, apply: Apply, clock: SettableClock, scheduled: Scheduled, lock: Callable[..., None]
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m"})})
    lock(LockName.JOBS)
    clock.set(at(12, 20))
    with node.store.write() as tx:
        locks.free(tx, LockName.JOBS, clock.now())
    lock(LockName.JOBS, holder="bob")
    with node.store.write() as tx:
        locks.free(tx, LockName.JOBS, clock.advance(60))
    node.run("scheduler")
    assert missed(node.store, scheduled("hourly")) == [(1, at(12), at(12), "locked (jobs) by ann: a new disk")]


def test_a_lock_that_ended_before_the_last_missed_occurrence_is_named_all_the_same(
    node: Node, apply: Apply, clock: SettableClock, scheduled: Scheduled, lock: Callable[..., None]
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m"})})
    lock(LockName.JOBS, until=at(13, 30))
    clock.set(at(14, 30))
    node.run("scheduler")
    reason = "locked (jobs) by ann: a new disk; later no engine was running"
    assert missed(node.store, scheduled("hourly")) == [(3, at(12), at(14), reason)]


def test_a_lock_of_another_time_is_not_the_reason(
    node: Node, apply: Apply, clock: SettableClock, scheduled: Scheduled, lock: Callable[..., None]
) -> None:
    apply({"hourly": job({**HOURLY, "start_within": "5m"})})
    clock.set(at(12, 10))
    lock(LockName.JOBS, until=at(12, 20))
    clock.set(at(12, 30))
    node.run("scheduler")
    assert missed(node.store, scheduled("hourly")) == [(1, at(12), at(12), "no engine was running")]


def test_a_pass_that_has_begun_is_waited_for(
    node: Node, apply: Apply, store: Store, clock: SettableClock, lock: Callable[..., None]
) -> None:
    """Whoever has the lock sees everything that was started before it."""
    apply({"hourly": job(HOURLY)})
    seen: list[int] = []

    def take() -> None:
        lock(LockName.SCHEDULED_JOBS)
        seen.append(len(runs(store)))

    taking = threading.Thread(target=take)
    insert = new_jobs.insert_jobs

    def slow(*arguments: Any) -> set[str]:
        taking.start()
        taking.join(0.2)
        return insert(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(new_jobs, "insert_jobs", slow)
        assert node.run("scheduler").counts["started"] == 1
    taking.join(30)
    assert seen == [1]


def test_nothing_starts_for_a_disabled_user_and_what_is_missed_says_so(
    node: Node, apply: Apply, store: Store, clock: SettableClock, scheduled: Scheduled
) -> None:
    with store.write() as tx:
        users.add(tx, "ann", Role.USER, None, NOON)
        users.set_disabled(tx, "ann", NOON)
    apply({"hers": job({**HOURLY, "start_within": "5m"}, user="ann"), "ours": job(HOURLY)})
    assert node.run("scheduler").counts == {"looked": 2, "started": 1, "missed": 0}
    assert scheduled("hers").held == "user 'ann' is disabled"
    assert [facts["reason"] for facts in node.told("job.held")] == ["user 'ann' is disabled"]
    for minute in range(1, 11):
        clock.set(at(12, minute))
        node.run("scheduler")
    assert missed(store, scheduled("hers")) == [(1, NOON, NOON, "user 'ann' is disabled")]
    with store.write() as tx:
        users.set_disabled(tx, "ann", None)
    clock.set(at(13))
    node.run("scheduler")
    assert [(run.name, run.user, run.nominal_start) for run in runs(store, "hers")] == [("hers", "ann", at(13))]
