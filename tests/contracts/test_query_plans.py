"""The questions that engines ask all the time are answered by their indexes, however many rows there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, text

from rota.model.states import State
from rota.model.transitions import Next
from rota.store import (
    Store,
    Transaction,
    claims,
    configurations,
    keys,
    lapses,
    nodes,
    outlook,
    scheduled_jobs,
    transitions,
)
from rota.store.looks import Look, note_looks
from rota.store.retention import remove_finished
from rota.store.scheduled_runs import EndedRun, end_runs
from rota.store.tables import background_job, scheduled_job
from tests.support.effort import asked, claim_some, effort, fill
from tests.support.stored import NOW, SECOND, add_definitions, add_node, claim, ending, running

FINISHED, QUEUED, RUNNING, SCHEDULED = 6_000, 1_500, 50, 3_000

JOB = "rota_background_job"
SCHEDULED_JOB = "rota_scheduled_job"


@pytest.fixture
def full(store: Store) -> Store:
    """A database with the jobs of a busy day."""
    add_node(store, "a")
    add_node(store, "lost")
    (home,) = add_definitions(store, "d").values()
    with store.write() as tx:
        tx.execute(insert(background_job), [_job(n) for n in range(FINISHED + QUEUED + RUNNING)])
        tx.execute(insert(scheduled_job), [_scheduled(n, home) for n in range(SCHEDULED)])
        nodes.declare_lost(tx, "lost", 0, NOW)
        if not store.is_sqlite:  # PostgreSQL counts its rows by itself, SQLite never does
            tx.execute(text("ANALYZE"))
    return store


def _job(n: int) -> dict[str, Any]:
    state = State.COMPLETED if n < FINISHED else State.QUEUED if n < FINISHED + QUEUED else State.RUNNING
    return {
        "id": f"id-{n}",
        "method": "m:f",
        "name": "job",
        "user": "administrator",
        "state": state,
        "queue": "process",
        "key": f"k{n}",
        "key_scope": "m:f",
        "created_at": NOW,
        "due_at": NOW + n * SECOND,
        "end_at": NOW + n * SECOND if state is State.COMPLETED else None,
        "stop_at": NOW + n * SECOND if state is State.QUEUED and n % 10 == 0 else None,
        "node": "a" if state is State.RUNNING else None,
        "attempt": 1,
    }


def _scheduled(n: int, home: int) -> dict[str, Any]:
    return {
        "id": f"s-{n}",
        "configuration": "shop",
        "name": f"name-{n}",
        "definition": home,
        "predefined": False,
        "overrides": {},
        "use": True,
        "active_since": NOW,
        "considered": NOW,
        "look_at": NOW + n * SECOND,
        "created_at": NOW,
    }


SOON = NOW + (FINISHED + 20) * SECOND

QUESTIONS: dict[str, tuple[str, Callable[[Transaction], object]]] = {
    "claim": (
        f"ix_{JOB}_claim",
        lambda tx: claims.claim(tx, node="a", queue="process", limit=10, now=SOON, paths={}),
    ),
    "next due": (f"ix_{JOB}_next_due", outlook.next_due),
    "next due after": (f"ix_{JOB}_next_due", lambda tx: outlook.next_due(tx, after=SOON)),
    "next overdue": (f"ix_{JOB}_must_start_before", outlook.next_overdue),
    "overdue": (f"ix_{JOB}_must_start_before", lambda tx: transitions.cancel_overdue(tx, SOON)),
    "cancels requested": (f"ix_{JOB}_running_on_node", lambda tx: outlook.cancels_requested(tx, "a")),
    "leases of a node": (f"ix_{JOB}_running_on_node", lambda tx: outlook.leases_of(tx, "a", {})),
    "has orphans": (f"ix_{JOB}_running_on_node", outlook.has_orphans),
    "orphans": (f"ix_{JOB}_running_on_node", outlook.orphans),
    "running": (f"ix_{JOB}_running_on_node", outlook.running),
    "runs on": (f"ix_{JOB}_running_on_node", lambda tx: outlook.runs_on(tx, "a")),
    "retention": (
        f"ix_{JOB}_finished",
        lambda tx: remove_finished(tx, None, before=NOW + 10 * SECOND, keep=FINISHED, limit=100),
    ),
    "key holder": (f"uq_{JOB}_active_key", lambda tx: keys.holder(tx, "m:f", "k7000")),
    "ahead: due": (f"ix_{JOB}_next_due", lambda tx: outlook.ahead(tx, SOON)),
    "ahead: overdue": (f"ix_{JOB}_must_start_before", lambda tx: outlook.ahead(tx, SOON)),
    "ahead: keys to pass on": (f"ix_{JOB}_behind", lambda tx: outlook.ahead(tx, SOON)),
    "scheduled due": (f"ix_{SCHEDULED_JOB}_look_at", lambda tx: scheduled_jobs.due(tx, NOW + 5 * SECOND, 10)),
    "next look": (f"ix_{SCHEDULED_JOB}_look_at", scheduled_jobs.next_look),
    "overrides that are over": (f"ix_{SCHEDULED_JOB}_lapse_at", lambda tx: lapses.restore(tx, NOW, 10)),
}


def plan(store: Store, statement: str, parameters: Any) -> str:
    how = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
    with store.write() as tx:
        rows = tx.exec_driver_sql(how + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


def test_hot_questions_use_their_indexes(full: Store) -> None:
    wrong = []
    for name, (index, ask) in QUESTIONS.items():
        plans = [plan(full, *each) for each in asked(full, ask)]
        used = "\n".join(plans)
        scans = [line for line in used.splitlines() if _reads_everything(line)]
        if index not in used or scans:
            wrong.append(f"{name} does not use {index}:\n{used}")
    assert not wrong, "\n\n".join(wrong)


def _reads_everything(line: str) -> bool:
    """Whether this step reads one of the two long tables whole."""
    whole = f"Seq Scan on {JOB}", f"Seq Scan on {SCHEDULED_JOB}"
    if any(words in line for words in whole):
        return True
    return line.startswith(f"SCAN {SCHEDULED_JOB}") or (line.startswith(f"SCAN {JOB}") and "USING" not in line)


def test_the_end_of_a_run_finds_its_rows_by_their_keys(full: Store) -> None:
    with full.write() as tx:
        tx.execute(text(f"DELETE FROM {JOB} WHERE state = 'queued'"))
        tx.execute(text("ANALYZE"))
    at = NOW + timedelta(seconds=1)
    over = ending(running(full, scheduled_job="s-7"), Next(state=State.COMPLETED, restarts=0), at=at)
    again = ending(running(full, scheduled_job="s-8"), Next(state=State.WAITING, restarts=1, due_at=at), at=at)
    for end, other in (over, SCHEDULED_JOB), (again, "rota_attempt"):
        statements = asked(full, partial(_end, end))
        assert [JOB in words for words, _ in statements] == [True, False]
        assert other in statements[1][0]
        for each in statements:
            steps = plan(full, *each)
            assert not any(_reads_everything(line) for line in steps.splitlines()), steps


def _end(end: transitions.Ending, tx: Transaction) -> None:
    transitions.end_attempts(tx, [end])


def test_the_ends_of_a_batch_find_their_rows_by_their_numbers(full: Store) -> None:
    """Neither the table nor the index of what runs on the node is read whole, which is what PostgreSQL prefers."""
    lease = running(full)
    end = ending(lease, Next(state=State.COMPLETED, restarts=0), at=NOW + timedelta(seconds=1))
    batch = [replace(end, sequence=lease.sequence + number) for number in range(64)]
    [statement] = asked(full, lambda tx: transitions.end_attempts(tx, batch))
    steps = plan(full, *statement)
    assert f"pk_{JOB}" in steps or "INTEGER PRIMARY KEY" in steps, steps
    assert "running_on_node" not in steps, steps


def test_what_a_pass_decided_finds_its_rows_by_their_ids(full: Store) -> None:
    facts: dict[str, Any] = {
        "considered": NOW,
        "next_start": None,
        "look_at": None,
        "active_job": None,
        "held": None,
        "missed": 0,
    }
    looks = [Look(id=f"s-{n}", seen=NOW + n * SECOND, **facts) for n in range(64)]
    [statement] = asked(full, lambda tx: note_looks(tx, looks))
    steps = plan(full, *statement)
    assert f"pk_{SCHEDULED_JOB}" in steps or f"autoindex_{SCHEDULED_JOB}" in steps, steps
    assert not any(_reads_everything(line) for line in steps.splitlines()), steps


@pytest.mark.parametrize("selector", ["s-7", "name-7", "shop/name-7"])
def test_a_scheduled_job_is_found_without_a_look_at_the_others(full: Store, selector: str) -> None:
    for each in asked(full, lambda tx: scheduled_jobs.find(tx, selector)):
        steps = plan(full, *each)
        assert not any(_reads_everything(line) for line in steps.splitlines()), steps


def test_the_ended_runs_of_a_batch_find_their_scheduled_jobs_by_their_ids(full: Store) -> None:
    ids = [f"s-{n}" for n in range(64)]
    runs = [EndedRun(each, f"run of {each}", "completed", NOW, NOW + timedelta(seconds=1)) for each in ids]
    for write in (lambda tx: end_runs(tx, runs), lambda tx: configurations.mark_resolved(tx, ids)):
        [statement] = asked(full, write)
        steps = plan(full, *statement)
        assert f"pk_{SCHEDULED_JOB}" in steps or f"autoindex_{SCHEDULED_JOB}" in steps, steps
        assert not any(_reads_everything(line) for line in steps.splitlines()), steps


def test_a_cancel_finds_its_row_by_its_id(full: Store) -> None:
    statements = asked(full, lambda tx: transitions.request_cancel(tx, "id-7000", by="x", grace=None, now=NOW))
    assert len(statements) == 3
    for each in statements:
        steps = plan(full, *each)
        assert not any(_reads_everything(line) for line in steps.splitlines()), steps


def test_the_check_of_plans_catches_a_scan(full: Store) -> None:
    for statement in (f"SELECT id FROM {JOB} WHERE reason = 'x'", f"SELECT id FROM {SCHEDULED_JOB} WHERE held = 'x'"):
        steps = plan(full, statement, ())
        assert any(_reads_everything(line) for line in steps.splitlines()), steps


def test_a_claim_does_the_same_work_among_many_jobs_as_among_few(store: Store) -> None:
    """What the database does for a claim, counted: it grows with the rows claimed, not with the rows there are."""
    add_node(store, "a")
    fill(store, 1_000)
    effort(store, claim_some)  # what the first one alone pays, such as reading the catalogue
    few = effort(store, claim_some)
    fill(store, 20_000, after=1_000)
    many = effort(store, claim_some)
    assert few > 0
    assert many <= few * 1.5, f"{few} among 1,000 jobs, {many} among 20,000"
    assert any("claim" in plan(store, *each) for each in asked(store, claim_some))


def test_claims_and_ends_find_room_where_the_jobs_are(store: Store) -> None:
    """A table that had no room left would be three times as long once every job has been claimed and has ended."""
    add_node(store, "a")
    fill(store, 2_000)
    before = _pages(store)
    ended = 0
    while leases := claim(store, limit=100):
        ends = [ending(each, Next(state=State.COMPLETED, restarts=0), at=NOW) for each in leases]
        with store.write() as tx:
            ended += len(transitions.end_attempts(tx, ends))
    assert ended == 1_000
    assert _pages(store) <= before * 1.25


def _pages(store: Store) -> int:
    """How long the table of jobs is; of SQLite, the whole file."""
    question = "PRAGMA page_count" if store.is_sqlite else f"SELECT pg_relation_size('{JOB}') / 8192"
    with store.read() as tx:
        return int(tx.execute(text(question)).scalar_one())
