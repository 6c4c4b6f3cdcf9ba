"""The directory: what the applied configurations say, seconds old at most, and no older once somebody says so."""

from __future__ import annotations

from collections.abc import Callable

from rota.engine.directory import FRESH_SECONDS
from rota.store import Store
from rota.testing import SettableClock
from tests.support.node import Node
from tests.support.statements import statements
from tests.support.trial import trial_jobs


def test_it_reads_again_after_a_while(node: Node, store: Store, clock: SettableClock) -> None:
    directory = node.engine.directory
    directory.configurations()
    with statements(store) as seen:
        for _ in range(5):
            directory.configurations()
            directory.queues()
            directory.import_paths()
        assert seen == []
        clock.step(86_400)
        directory.configurations()
        assert seen == []
        clock.advance(FRESH_SECONDS + 0.01)
        directory.configurations()
    assert len([each for each in seen if each.startswith("SELECT")]) == 1


def test_who_renews_it_in_time_keeps_others_from_reading(node: Node, store: Store, clock: SettableClock) -> None:
    directory = node.engine.directory
    directory.configurations()
    clock.advance(FRESH_SECONDS - 1)
    directory.renew()
    with statements(store) as seen:
        clock.advance(FRESH_SECONDS / 2)
        directory.configurations()
        assert seen == []


def test_it_reads_again_when_told_to(node: Node, apply: Callable[..., None]) -> None:
    directory = node.engine.directory
    assert set(directory.configurations()) == {"trial"}
    apply(name="second")
    assert set(directory.configurations()) == {"trial"}
    directory.forget()
    assert set(directory.configurations()) == {"trial", "second"}
    assert directory.import_paths()["second"] == (trial_jobs.FOLDER,)


def test_somebody_changed_the_database_makes_it_forget(node: Node, apply: Callable[..., None]) -> None:
    node.engine.directory.configurations()
    apply(name="second")
    node.engine.look_again()
    assert set(node.engine.directory.configurations()) == {"trial", "second"}
