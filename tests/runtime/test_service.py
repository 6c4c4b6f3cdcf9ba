"""A service: wakes are never lost, temporary errors back off and recover, any other error ends it and is handed on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from rota.runtime.clock import SystemClock
from rota.runtime.service import FIRST_PAUSE, LONGEST_PAUSE, Pass, Service
from rota.runtime.timer import SystemTimer
from rota.testing import ManualTimer, SettableClock

PATIENCE = 30.0


class Hiccup(Exception):
    """An error of the temporary kind."""


class Bench:
    """A service on a clock and a timer of the test's, which notes what it is told."""

    def __init__(self, run_once: Callable[[], Pass], clock: Any = None, timer: Any = None) -> None:
        self.clock = clock or SettableClock()
        self.timer = timer or ManualTimer(self.clock)
        self.troubles: list[Exception] = []
        self.recoveries: list[str] = []
        self.failures: list[BaseException] = []
        self.failed = threading.Event()
        self.service = Service(
            "trial",
            run_once,
            clock=self.clock,
            timer=self.timer,
            temporary=Hiccup,
            on_trouble=lambda _name, error: self.troubles.append(error),
            on_recovery=self.recoveries.append,
            on_failure=self._fail,
        )

    def _fail(self, name: str, error: BaseException) -> None:
        assert name == "trial"
        self.failures.append(error)
        self.failed.set()


class Passes:
    """A `run_once` that is let through one pass at a time."""

    def __init__(self, *results: Pass | BaseException) -> None:
        self.results = list(results)
        self.began = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.count = 0

    def __call__(self) -> Pass:
        self.count += 1
        self.began.release()
        assert self.go.acquire(timeout=PATIENCE)
        result = self.results.pop(0) if self.results else Pass()
        if isinstance(result, BaseException):
            raise result
        return result

    def let_one_through(self) -> None:
        assert self.began.acquire(timeout=PATIENCE)
        self.go.release()


@pytest.fixture
def running() -> Iterator[Callable[..., Bench]]:
    """Starts benches and stops them in the end."""
    benches: list[tuple[Bench, Passes]] = []

    def start(passes: Passes, **facts: Any) -> Bench:
        bench = Bench(passes, **facts)
        benches.append((bench, passes))
        bench.service.start()
        return bench

    yield start
    for bench, passes in benches:
        passes.go.release(1000)
        bench.service.stop()


def test_it_looks_at_once_and_then_waits_to_be_woken(running: Callable[..., Bench]) -> None:
    passes = Passes()
    bench = running(passes)
    passes.let_one_through()
    for _ in range(3):
        bench.service.wake()
        passes.let_one_through()
    assert passes.count == 4


def test_a_wake_during_a_pass_is_not_lost_and_many_are_one(running: Callable[..., Bench]) -> None:
    passes = Passes()
    bench = running(passes)
    assert passes.began.acquire(timeout=PATIENCE)
    for _ in range(50):
        bench.service.wake()
    passes.go.release()
    passes.let_one_through()
    bench.service.stop()
    assert passes.count == 2


def test_it_asks_the_timer_for_its_next_look(running: Callable[..., Bench]) -> None:
    clock = SettableClock()
    timer = ManualTimer(clock)
    passes = Passes(Pass(next_at=clock.now() + timedelta(hours=1)))
    running(passes, clock=clock, timer=timer)
    passes.let_one_through()
    wait_until(lambda: timer.waiting == {"trial": clock.now() + timedelta(hours=1)})
    clock.advance(timedelta(hours=1))
    timer.fire()
    passes.let_one_through()


def wait_until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE * 200)):
        if holds():
            return
        pause.wait(0.005)
    raise AssertionError("it never came to hold")


def test_it_does_not_lean_on_a_timer_whose_wall_clock_was_set_back(running: Callable[..., Bench]) -> None:
    clock = SettableClock()
    silent = ManualTimer(clock)
    passes = Passes(Pass(next_at=clock.now() + timedelta(milliseconds=10)))
    running(passes, clock=clock, timer=silent)
    passes.let_one_through()
    clock.step(timedelta(hours=-3))
    passes.let_one_through()


def test_again_means_at_once(running: Callable[..., Bench]) -> None:
    passes = Passes(Pass(again=True), Pass(again=True), Pass())
    running(passes)
    for _ in range(3):
        passes.let_one_through()


def test_temporary_errors_back_off_and_a_good_pass_ends_that(running: Callable[..., Bench]) -> None:
    clock = SettableClock()
    timer = ManualTimer(clock)
    passes = Passes(*[Hiccup(str(number)) for number in range(8)], Pass(), Hiccup("again"))
    bench = running(passes, clock=clock, timer=timer)
    pauses = []
    for number in range(8):
        passes.let_one_through()
        wait_until(lambda expected=number + 1: len(bench.troubles) == expected and bool(timer.waiting))  # type: ignore[misc]
        pauses.append(timer.waiting["trial"] - clock.now())
        clock.set(timer.waiting["trial"])
        timer.fire()
    assert pauses[0] == FIRST_PAUSE
    assert pauses[1] == 2 * FIRST_PAUSE
    assert pauses[-1] == LONGEST_PAUSE
    assert bench.recoveries == []
    passes.let_one_through()
    bench.service.wake()
    passes.let_one_through()
    assert bench.recoveries == ["trial"]
    wait_until(lambda: len(bench.troubles) == 9 and bool(timer.waiting))
    assert timer.waiting["trial"] - clock.now() == FIRST_PAUSE
    assert bench.failures == []


def test_any_other_error_ends_it_and_is_handed_on(running: Callable[..., Bench]) -> None:
    broken = RuntimeError("broken")
    passes = Passes(broken)
    bench = running(passes)
    passes.let_one_through()
    assert bench.failed.wait(PATIENCE)
    assert bench.failures == [broken]
    bench.service.wake()
    bench.service.stop()
    assert passes.count == 1


def test_a_stop_waits_for_the_pass_in_progress() -> None:
    passes = Passes()
    bench = Bench(passes)
    bench.service.start()
    assert passes.began.acquire(timeout=PATIENCE)
    stopper = threading.Thread(target=bench.service.stop)
    stopper.start()
    assert stopper.is_alive()
    passes.go.release()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()
    assert not bench.service._thread.is_alive()


def test_a_service_that_never_started_can_be_stopped() -> None:
    Bench(Passes()).service.stop()


def test_it_may_stop_itself() -> None:
    def stop_it() -> Pass:
        bench.service.stop()
        return Pass(again=True)

    bench = Bench(stop_it)
    bench.service.start()
    bench.service._thread.join(PATIENCE)
    assert not bench.service._thread.is_alive()


def test_ten_threads_wake_and_stop_services_on_one_timer() -> None:
    clock = SystemClock()
    timer = SystemTimer(clock)
    timer.start()
    counts = [0] * 10

    def play(index: int) -> None:
        done = threading.Event()

        def count() -> Pass:
            counts[index] += 1
            if counts[index] >= 30:
                done.set()
            return Pass(next_at=clock.now() + timedelta(milliseconds=1))

        bench = Bench(count, clock=clock, timer=timer)
        bench.service.name = f"trial-{index}"
        bench.service.start()
        for _ in range(20):
            bench.service.wake()
        assert done.wait(PATIENCE)
        bench.service.stop()
        assert bench.failures == []

    threads = [threading.Thread(target=play, args=[index]) for index in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    timer.stop()
    assert not any(thread.is_alive() for thread in threads)
    assert min(counts) >= 30
