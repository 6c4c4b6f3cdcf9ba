"""The audit log on every database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from rota.model.acts import Act, Audited
from rota.store import Store, audit, nodes
from rota.store.audit import AuditFilter
from tests.support.stored import NOW, SECOND, add_node

LONG_AGO = NOW - timedelta(days=40)


def note(store: Store, act: Act, subject: str = "x", **values: Any) -> None:
    with store.write() as tx:
        audit.note(tx, Audited(**{"at": NOW, "user": "ann", **values}, act=act, subject=subject))


def acts(store: Store, **wanted: Any) -> list[Audited]:
    with store.read() as tx:
        return audit.select_acts(tx, AuditFilter(**wanted))


def subjects(store: Store, **wanted: Any) -> list[str]:
    return [each.subject for each in acts(store, **wanted)]


def note_and_fail(store: Store) -> None:
    with store.write() as tx:
        audit.note(tx, Audited(at=NOW, user="ann", act=Act.JOB_CANCEL, subject="never happened"))
        nodes.end(tx, "a", NOW.replace(tzinfo=None))


def test_an_act_is_noted_in_the_transaction_of_the_act(store: Store) -> None:
    add_node(store)
    with pytest.raises(StatementError):
        note_and_fail(store)
    note(store, Act.LOCK_TAKE, "jobs", reason="a\0b", facts={"until": None})
    note(store, Act.JOB_CANCEL, "4711")
    assert acts(store) == [
        Audited(at=NOW, user="ann", act="job.cancel", subject="4711", reason=None, facts={}),
        Audited(
            at=NOW,
            user="ann",
            act="lock.take",
            subject="jobs",
            reason="a\N{REPLACEMENT CHARACTER}b",
            facts={"until": None},
        ),
    ]


def test_acts_are_found_by_all_that_is_asked(store: Store) -> None:
    note(store, Act.LOCK_TAKE, "1", at=NOW)
    note(store, Act.LOCK_FREE, "2", at=NOW + SECOND, user="bob")
    note(store, Act.JOB_START, "3_x", at=NOW + 2 * SECOND)
    assert subjects(store) == ["3_x", "2", "1"]
    assert subjects(store, newest=2) == ["3_x", "2"]
    assert subjects(store, since=NOW + SECOND) == ["3_x", "2"]
    assert subjects(store, until=NOW + SECOND) == ["1"]
    assert subjects(store, by="bob") == ["2"]
    assert subjects(store, act="lock.*") == ["2", "1"]
    assert subjects(store, act="lock.*", by="ann") == ["1"]
    assert subjects(store, act="lock_take") == [], "a sign of SQL's stands for itself"
    assert subjects(store, subject="3_*") == ["3_x"]


def test_acts_on_background_jobs_are_forgotten_sooner(store: Store) -> None:
    for number in range(3):
        note(store, Act.JOB_START, f"job {number}", at=LONG_AGO + number * SECOND)
    note(store, Act.USER_ADD, "ann", at=LONG_AGO)
    note(store, Act.JOB_START, "new")
    with store.write() as tx:
        assert audit.forget_before(tx, NOW, of_jobs=True, limit=2) == 2
    assert subjects(store) == ["new", "ann", "job 2"]
    with store.write() as tx:
        assert audit.forget_before(tx, NOW, of_jobs=False, limit=10) == 2
    assert subjects(store) == ["new"]
