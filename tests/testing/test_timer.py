"""The manual timer: remembers, replaces by name, and calls only what is due."""

from __future__ import annotations

from datetime import timedelta

from rota.testing import ManualTimer, SettableClock


def test_it_calls_what_is_due_earliest_first_and_once() -> None:
    clock = SettableClock()
    timer = ManualTimer(clock)
    called: list[str] = []
    for name, seconds in (("late", 9), ("second", 2), ("first", 1)):
        timer.wake_at(name, clock.now() + timedelta(seconds=seconds), lambda name=name: called.append(name))  # type: ignore[misc]
    assert timer.fire() == []
    clock.advance(2)
    assert timer.fire() == called == ["first", "second"]
    assert timer.fire() == []
    assert timer.waiting == {"late": clock.now() + timedelta(seconds=7)}


def test_a_later_call_of_the_same_name_replaces_the_first() -> None:
    clock = SettableClock()
    timer = ManualTimer(clock)
    called: list[int] = []
    timer.wake_at("one", clock.now(), lambda: called.append(1))
    timer.wake_at("one", clock.now(), lambda: called.append(2))
    timer.fire()
    assert called == [2]


def test_it_knows_whether_it_runs() -> None:
    timer = ManualTimer(SettableClock())
    timer.start()
    assert timer.running
    timer.stop()
    assert not timer.running
