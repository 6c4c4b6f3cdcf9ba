"""Inserting what may be there already, on both databases."""

from __future__ import annotations

from sqlalchemy import select

from rota.store import Store
from rota.store.conflicts import insert_unless_there, insertion
from rota.store.tables import configuration, definition
from tests.support.stored import add_definitions


def test_only_what_was_not_there_comes_back(store: Store) -> None:
    add_definitions(store, "a")
    with store.write() as tx:
        home = tx.execute(select(configuration.c.name)).scalar_one()
        rows = [{"configuration": home, "name": name, "properties": {}} for name in ("a", "b", "b")]
        assert insert_unless_there(tx, definition, rows, definition.c.name) == {"b"}
        assert insert_unless_there(tx, definition, rows, definition.c.name) == set()
        assert insert_unless_there(tx, definition, [], definition.c.name) == set()
    with store.read() as tx:
        assert list(tx.execute(select(definition.c.name).order_by(definition.c.name)).scalars()) == ["a", "b"]


def test_an_insertion_may_say_what_to_change_instead(store: Store) -> None:
    add_definitions(store, "a")
    with store.write() as tx:
        home = tx.execute(select(configuration.c.name)).scalar_one()
        new = insertion(tx, definition).values(configuration=home, name="a", properties={"use": False})
        keys = [definition.c.configuration, definition.c.name]
        tx.execute(new.on_conflict_do_update(index_elements=keys, set_={"properties": new.excluded.properties}))
    with store.read() as tx:
        assert tx.execute(select(definition.c.properties)).scalar_one() == {"use": False}
