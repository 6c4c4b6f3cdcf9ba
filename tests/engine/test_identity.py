"""Who a node is: a name for people, and a random incarnation for leases."""

from __future__ import annotations

import os

from rota.engine.identity import Identity


def test_every_engine_is_an_incarnation_of_its_own() -> None:
    one, other = Identity(), Identity()
    assert one.name == other.name
    assert one.name.endswith(f"-{os.getpid()}")
    assert one.incarnation != other.incarnation
    one.become("another")
    assert one.incarnation == "another"
