"""Nodes on every database: registered, alive by their counter, lost once, and forgotten."""

from __future__ import annotations

from sqlalchemy import select

from rota.store import Store, nodes, tables
from rota.store.nodes import Node
from tests.support.stored import NOW, SECOND, add_node


def node(store: Store, name: str = "a") -> Node:
    with store.read() as tx:
        return next(each for each in nodes.active(tx) if each.id == name)


def test_a_node_comes_back_as_it_was_registered(store: Store) -> None:
    add_node(store, "a", lease=2.5, slots={"process": 4, "shop/crawl": 32})
    found = node(store)
    assert (found.id, found.name, found.host, found.process, found.started_at) == ("a", "a", "host", 1, NOW)
    assert (found.beat, found.lease, found.slots) == (0, 2.5, {"process": 4, "shop/crawl": 32})
    assert (found.ended_at, found.ended) == (None, None)


def test_a_beat_raises_the_counter_of_its_node(store: Store) -> None:
    add_node(store, "a")
    add_node(store, "b")
    with store.write() as tx:
        assert nodes.beat(tx, "a", NOW + SECOND)
        assert nodes.beat(tx, "a", NOW + 2 * SECOND)
        assert not nodes.beat(tx, "nobody", NOW)
    assert (node(store, "a").beat, node(store, "a").seen_at) == (2, NOW + 2 * SECOND)
    assert node(store, "b").beat == 0


def test_a_node_is_declared_lost_once_and_only_while_it_stands_still(store: Store) -> None:
    add_node(store)
    with store.write() as tx:
        nodes.beat(tx, "a", NOW)
        assert not nodes.declare_lost(tx, "a", 0, NOW), "it moved"
        assert nodes.declare_lost(tx, "a", 1, NOW)
        assert not nodes.declare_lost(tx, "a", 1, NOW), "somebody was quicker"
        assert not nodes.beat(tx, "a", NOW), "its leases are gone"
        assert nodes.active(tx) == []


def test_a_node_that_was_declared_lost_does_not_end_as_stopped(store: Store) -> None:
    add_node(store)
    with store.write() as tx:
        nodes.declare_lost(tx, "a", 0, NOW)
        nodes.end(tx, "a", NOW + SECOND)
        assert tx.execute(select(tables.node.c.ended, tables.node.c.ended_at)).one() == ("lost", NOW)


def test_nodes_that_ended_long_ago_are_forgotten(store: Store) -> None:
    for name, ended_at in (("old", NOW), ("new", NOW + SECOND)):
        add_node(store, name)
        with store.write() as tx:
            nodes.end(tx, name, ended_at)
    add_node(store, "alive")
    with store.write() as tx:
        nodes.forget_before(tx, NOW + SECOND)
        assert set(tx.execute(select(tables.node.c.id)).scalars()) == {"new", "alive"}
