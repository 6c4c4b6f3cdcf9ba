"""Configurations, revisions and definitions on every database."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.errors import WrongState
from rota.model.revision import NO_ORIGIN
from rota.store import Store, configurations, revisions, scheduled_jobs
from rota.store.tables import revision
from tests.support.stored import NOW, SECOND, add_definitions, add_scheduled_jobs, new_scheduled_job

SHOP = Configuration(
    name="shop",
    description="Ärger's \N{SNOWMAN}",
    timezone="Europe/Berlin",
    modules=("shop_jobs", "more"),
    path=("/srv/shop",),
    executors=(ExecutorSpec(name="crawl", kind="thread", workers=32), ExecutorSpec(name="big", kind="process")),
    retention=Retention(age=60, count=5),
    definitions=(Definition(name="rates", method="m:f", parameters={"list": [None, 0.1, True]}),),
    digest="d1",
    source="/srv/shop",
)


def save(store: Store, new: Configuration, number: int) -> None:
    with store.write() as tx:
        configurations.save_header(tx, new, number=number, by="ann", now=NOW + number * SECOND)
        summary = {"create": number}
        now = NOW + number * SECOND
        revisions.write(tx, new, number=number, by="ann", now=now, summary=summary, renames={}, origin=NO_ORIGIN)


def names(store: Store, configuration: str = "shop") -> dict[str, int]:
    with store.read() as tx:
        return {each.name: each.id for each in configurations.definitions(tx, configuration)}


def test_a_header_comes_back_as_it_was_saved(store: Store) -> None:
    save(store, SHOP, 1)
    with store.read() as tx:
        (found,) = configurations.applied(tx)
    assert (found.name, found.revision, found.digest, found.applied_at) == ("shop", 1, "d1", NOW + SECOND)
    assert (found.description, found.timezone) == (SHOP.description, SHOP.timezone)
    assert (found.modules, found.path, found.retention) == (SHOP.modules, SHOP.path, SHOP.retention)
    assert sorted(found.executors, key=lambda spec: spec.name) == sorted(SHOP.executors, key=lambda spec: spec.name)
    assert found.applied_by == "ann"


def test_a_header_is_replaced_and_its_revisions_are_kept(store: Store) -> None:
    save(store, SHOP, 1)
    save(store, Configuration(name="shop", digest="d2", source="here"), 2)
    save(store, Configuration(name="bank", digest="b"), 1)
    with store.read() as tx:
        bank, shop = configurations.applied(tx)
        assert configurations.applied(tx, "bank") == [bank]
        assert configurations.applied(tx, "other") == []
        kept = tx.execute(select(revision).order_by(revision.c.configuration.desc(), revision.c.number)).all()
    assert (shop.revision, shop.digest, shop.description, shop.executors) == (2, "d2", "", ())
    assert [(r.configuration, r.number, r.digest) for r in kept] == [
        ("shop", 1, "d1"),
        ("shop", 2, "d2"),
        ("bank", 1, "b"),
    ]
    assert (kept[0].document, kept[0].summary, kept[0].source) == (SHOP.document, {"create": 1}, "/srv/shop")


def test_a_revision_is_written_once(store: Store) -> None:
    save(store, SHOP, 1)
    with pytest.raises(IntegrityError):
        save(store, SHOP, 1)


def test_definitions_are_created_changed_renamed_and_deleted(store: Store) -> None:
    ids = add_definitions(store, "a", "b", "c")
    add_definitions(store, "a", configuration="bank")
    changed = Definition(name="b", method="m:g", parameters={"x": [1, None]}).properties
    with store.write() as tx:
        assert configurations.create_definitions(tx, "shop", []) == {}
        configurations.change_definitions(tx, [(ids["b"], "renamed", changed)])
        configurations.change_definitions(tx, [])
        configurations.delete_definitions(tx, [ids["c"]])
        configurations.delete_definitions(tx, [])
    assert names(store) == {"a": ids["a"], "renamed": ids["b"]}
    assert list(names(store, "bank")) == ["a"]
    with store.read() as tx:
        a, renamed = configurations.definitions(tx, "shop")
    assert renamed.properties == changed
    assert a.properties == Definition(name="a", method="m:f").properties


def test_definitions_may_exchange_their_names(store: Store) -> None:
    ids = add_definitions(store, "a", "b", "c")
    same = Definition(name="x", method="m:f").properties
    with store.write() as tx:
        changes = [(ids["a"], "b", same), (ids["b"], "c", same), (ids["c"], "a", same)]
        configurations.change_definitions(tx, changes)
    assert names(store) == {"b": ids["a"], "c": ids["b"], "a": ids["c"]}


def test_a_definition_that_a_scheduled_job_uses_cannot_go(store: Store) -> None:
    add_scheduled_jobs(store)
    with pytest.raises(IntegrityError), store.write() as tx:
        configurations.delete_definitions(tx, list(names(store).values()))
    assert list(names(store)) == ["rates"]


def test_a_definition_has_one_predefined_job(store: Store) -> None:
    add_scheduled_jobs(store)
    second = new_scheduled_job(names(store)["rates"], name="second")
    with pytest.raises(WrongState), store.write() as tx:
        scheduled_jobs.create(tx, [second], NOW)
