"""The timer: wakes at the instant, once per name, and never waits for longer than it may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from rota.runtime.clock import SystemClock
from rota.runtime.timer import LONGEST_WAIT, SystemTimer
from rota.testing import SettableClock

PATIENCE = 30.0
CLOCK = SystemClock()


@pytest.fixture
def timer() -> Iterator[SystemTimer]:
    timer = SystemTimer(CLOCK)
    timer.start()
    yield timer
    timer.stop()


def test_it_wakes_at_the_instant(timer: SystemTimer) -> None:
    woken = threading.Event()
    instant = CLOCK.now() + timedelta(milliseconds=80)
    timer.wake_at("one", instant, woken.set)
    assert woken.wait(PATIENCE)
    assert CLOCK.now() >= instant


def test_an_instant_in_the_past_wakes_at_once(timer: SystemTimer) -> None:
    woken = threading.Event()
    timer.wake_at("one", CLOCK.now() - timedelta(days=3), woken.set)
    assert woken.wait(PATIENCE)


def test_a_later_call_replaces_the_one_of_the_same_name(timer: SystemTimer) -> None:
    woken, never = threading.Event(), threading.Event()
    timer.wake_at("one", CLOCK.now() + timedelta(seconds=20), never.set)
    timer.wake_at("two", CLOCK.now() + timedelta(seconds=20), never.set)
    timer.wake_at("one", CLOCK.now() + timedelta(milliseconds=10), woken.set)
    assert woken.wait(PATIENCE)
    assert not never.is_set()
    assert [each.id for each in timer._scheduler.get_jobs()] == ["two"]


def test_a_wait_is_never_longer_than_the_longest(timer: SystemTimer) -> None:
    before = CLOCK.now()
    timer.wake_at("one", before + timedelta(days=1), threading.Event().set)
    (waiting,) = timer._scheduler.get_jobs()
    assert before + LONGEST_WAIT <= waiting.next_run_time <= CLOCK.now() + LONGEST_WAIT


def test_what_was_asked_before_the_start_is_not_forgotten() -> None:
    timer = SystemTimer(CLOCK)
    woken = threading.Event()
    timer.wake_at("one", CLOCK.now(), woken.set)
    timer.start()
    assert woken.wait(PATIENCE)
    timer.stop()


def test_after_a_stop_nothing_wakes_and_asking_is_no_error() -> None:
    timer = SystemTimer(SettableClock())
    timer.stop()
    timer.start()
    timer.stop()
    timer.wake_at("one", CLOCK.now(), threading.Event().set)
    timer.stop()
