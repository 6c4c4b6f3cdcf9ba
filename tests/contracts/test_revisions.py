"""Revisions on every database: stored as what differs, read as what was applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from rota.model.definition import Configuration, Definition
from rota.model.errors import RevisionNotFound
from rota.plan import Allowed
from rota.reconcile.reconciler import apply
from rota.store import Store, revisions
from rota.store.tables import revision
from tests.support.stored import NOW, SECOND


def job(name: str, **values: Any) -> Definition:
    return Definition(**({"name": name, "method": "m:f", "predefined": False} | values))


def edits(count: int) -> Iterator[Configuration]:
    """One edit after the other: jobs that change, come, go and are renamed, and now and then the header."""
    jobs = {name: job(name) for name in ("a", "b", "c")}
    for number in range(count):
        match number % 4:
            case 0:
                jobs["a"] = job("a", description=f"edit {number}")
            case 1:
                jobs[f"new-{number}"] = job(f"new-{number}", parameters={"list": [None, number]})
            case 2:
                former = f"new-{number - 1}"
                del jobs[former]
                jobs[f"renamed-{number}"] = job(f"renamed-{number}", renamed_from=former)
            case 3:
                del jobs[f"renamed-{number - 1}"]
        description = f"the header of {number - number % 40}"
        made = Configuration(name="shop", description=description, definitions=tuple(jobs.values()))
        yield replace(made, digest=made.seal())


def renames(configuration: Configuration) -> dict[str, str]:
    return {each.renamed_from: each.name for each in configuration.definitions if each.renamed_from}


def second(number: int) -> Callable[[], datetime]:
    return lambda: NOW + number * SECOND


def apply_all(store: Store, count: int) -> list[Configuration]:
    """Apply edits as a reloader does, which knows what it applied before."""
    known, applied = None, []
    for number, each in enumerate(edits(count), 1):
        assert apply(store, each, Allowed(), by="ann", now=second(number), known=known).revision == number
        known = each
        applied.append(each)
    return applied


def test_every_revision_is_read_as_it_was_applied(store: Store) -> None:
    applied = apply_all(store, 110)
    with store.read() as tx:
        assert [revisions.document(tx, "shop", number) for number in range(1, 111)] == [
            each.document for each in applied
        ]
        for number in (0, 1, 49, 57, 110):
            later = [(each.renames, set(each.names)) for each in revisions.renamings_after(tx, "shop", number)]
            assert later == [(renames(each), set(each.by_name)) for each in applied[number:]]
        assert len(list(revisions.renamings_after(tx, "shop", 49, 57))) == 8
        with pytest.raises(RevisionNotFound):
            revisions.document(tx, "shop", 111)
        with pytest.raises(RevisionNotFound):
            revisions.document(tx, "bank", 1)


def test_only_what_differs_is_stored_and_no_chain_is_endless(store: Store) -> None:
    apply_all(store, 110)
    with store.read() as tx:
        rows = tx.execute(select(revision).order_by(revision.c.number)).all()
    # The first one, every fiftieth after it, and those with another header.
    assert [row.number for row in rows if row.base is None] == [1, 41, 51, 81, 101]
    assert all(row.base in {None, row.number - 1} for row in rows)
    assert rows[1].document == {"jobs": {"new-1": job("new-1", parameters={"list": [None, 1]}).document}}
    assert rows[3].document == {"jobs": {"renamed-2": None}}


def test_a_revision_is_whole_where_nothing_is_known_of_the_one_before(store: Store) -> None:
    for number, each in enumerate(edits(3), 1):
        apply(store, each, Allowed(), by="ann", now=second(number))
    with store.read() as tx:
        assert not list(tx.execute(select(revision.c.base).where(revision.c.base.is_not(None))))


def test_the_database_keeps_what_later_revisions_are_made_from(store: Store) -> None:
    apply_all(store, 3)
    with pytest.raises(IntegrityError), store.write() as tx:
        tx.execute(delete(revision).where(revision.c.number == 1))
