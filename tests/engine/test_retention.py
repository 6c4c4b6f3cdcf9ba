"""Retention: finished jobs go by age and by number, each configuration's by its own rule; active ones never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rota.engine import retention
from rota.model.acts import Act, Audited
from rota.model.lock import LockName
from rota.store import Store, audit, background_jobs, locks, missed_notes, nodes, scheduled_jobs
from rota.store.audit import AuditFilter
from rota.store.background_jobs import Filter
from rota.testing import SettableClock
from tests.support.node import Node, held, release

Queue = Callable[..., str]


def left(store: Store) -> set[str]:
    with store.read() as tx:
        return {job.id for job in background_jobs.select_jobs(tx, Filter(newest=1000))}


def test_finished_jobs_go_when_they_are_old_enough(
    node: Node,
    apply: Callable[..., None],
    queue: Queue,
    store: Store,
    clock: SettableClock,
) -> None:
    apply(retention={"age": "1h", "count": 100})
    node.engine.directory.forget()
    old, own = queue("give"), queue("give", configuration=None)
    node.finish(old, own)
    clock.advance(timedelta(minutes=31))
    newer = queue("give")
    node.finish(newer)
    clock.advance(timedelta(minutes=30))
    done = node.run("retention")
    assert (done.counts, done.next_at) == ({"removed": 1}, clock.now() + timedelta(minutes=1))
    assert left(store) == {newer, own}
    clock.advance(timedelta(hours=24))
    node.run("retention")
    assert left(store) == set()
    assert [facts["count"] for facts in node.told("jobs.removed")] == [1, 2]


def test_the_newest_are_kept_up_to_a_number(
    node: Node, apply: Callable[..., None], queue: Queue, store: Store, clock: SettableClock
) -> None:
    apply(retention={"age": "7d", "count": 2})
    node.engine.directory.forget()
    jobs = []
    for _ in range(5):
        jobs.append(queue("give"))
        node.finish(jobs[-1])
        clock.advance(1)
    node.run("retention")
    assert left(store) == set(jobs[-2:])


def test_active_jobs_stay_whatever_their_age(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    running, queued = held(queue, tmp_path), queue("give", due_at=clock.now() + timedelta(days=900))
    node.begin(running)
    clock.advance(timedelta(days=400))
    assert node.run("retention").counts == {"removed": 0}
    assert left(store) == {running, queued}
    release(tmp_path)
    node.finish(running)


def test_a_full_batch_is_followed_by_another(
    node: Node, queue: Queue, store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    node.finish(*[queue("give") for _ in range(3)])
    clock.advance(timedelta(days=2))
    first = node.run("retention")
    assert (first.counts, first.again) == ({"removed": 2}, True)
    second = node.run("retention")
    assert (second.counts, second.again) == ({"removed": 1}, False)


def test_old_notes_of_nodes_and_missed_occurrences_go(
    node: Node, apply: Callable[..., None], store: Store, clock: SettableClock
) -> None:
    brief = {"cron": "0 12 * * *", "start_within": "1m"}
    apply({"brief": {"method": "trial_jobs:give", "schedule": brief}})
    clock.advance(timedelta(hours=1))
    node.run("scheduler")
    with store.write() as tx:
        job = scheduled_jobs.find(tx, "brief").id
        nodes.end(tx, node.engine.identity.incarnation, clock.now())
        assert len(missed_notes.newest(tx, job)) == 1
    node.run("heartbeat")
    for days, notes in ((29, 1), (2, 0)):
        clock.advance(timedelta(days=days))
        node.run("retention")
        with store.read() as tx:
            assert len(missed_notes.newest(tx, job)) == notes
            assert len(nodes.active(tx)) == 1


def test_old_acts_and_locks_go_and_those_on_jobs_sooner(
    node: Node, store: Store, clock: SettableClock, lock: Callable[..., None]
) -> None:
    lock(LockName.JOBS)
    with store.write() as tx:
        locks.free(tx, LockName.JOBS, clock.now())
        for act in (Act.JOB_START, Act.USER_ADD):
            audit.note(tx, Audited(at=clock.now(), user="ann", act=act, subject="x"))
    for days, acts, kept in ((29, ["user.add", "job.start"], 1), (2, ["user.add"], 0), (335, [], 0)):
        long_ago = clock.now() - timedelta(days=400)
        clock.advance(timedelta(days=days))
        node.run("retention")
        with store.read() as tx:
            found = audit.select_acts(tx, AuditFilter(by="ann"))
            assert [each.act for each in found] == acts
            assert len(locks.covering(tx, long_ago)) == kept


def test_many_old_acts_go_batch_by_batch(
    node: Node, store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    with store.write() as tx:
        for number in range(3):
            audit.note(tx, Audited(at=clock.now(), user="ann", act=Act.JOB_START, subject=str(number)))
    clock.advance(timedelta(days=31))
    assert [node.run("retention").again for _ in range(2)] == [True, False]
