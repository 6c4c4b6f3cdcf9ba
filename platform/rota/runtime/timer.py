"""The timer: wakes services at an instant (the door of APScheduler).

It carries no truth. A wake-up only says "look again"; the pass that follows recomputes from the database. So a timer
may wake too early or twice, and a wake-up lost with the process is made anew by the first pass of the next one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from rota.runtime.clock import Clock

LONGEST_WAIT = timedelta(seconds=30)
"""No wait is longer, so that a wall clock set forward delays a wake-up by half a minute at the most.

One set back delays it by as much as it was set back: a service therefore does not lean on the timer alone.
"""


class Timer(Protocol):
    """What wakes a service later."""

    def wake_at(self, name: str, instant: datetime, wake: Callable[[], None]) -> None:
        """Call `wake` at `instant`. A later call with the same `name` replaces this one."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class SystemTimer:
    """A timer on APScheduler's background scheduler: one thread, jobs in memory.

    Made for the first wake-up that is asked for: an engine's first jobs need not wait until it is imported.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._scheduler: Any = None
        self._runs = False

    def wake_at(self, name: str, instant: datetime, wake: Callable[[], None]) -> None:
        latest = self._clock.now() + LONGEST_WAIT
        with self._lock:
            if self._scheduler is None:
                self._scheduler = _background_scheduler()
                if self._runs:
                    self._scheduler.start()
        self._scheduler.add_job(wake, "date", run_date=min(instant, latest), id=name, replace_existing=True)

    def start(self) -> None:
        with self._lock:
            self._runs = True
            if self._scheduler is not None:
                self._scheduler.start()

    def stop(self) -> None:
        with self._lock:
            self._runs = False
            if self._scheduler is not None and self._scheduler.running:
                self._scheduler.shutdown(wait=False)


def _background_scheduler() -> Any:
    from apscheduler.executors.debug import DebugExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # The debug executor calls in the scheduler's own thread: a wake-up sets an event and needs no pool.
    return BackgroundScheduler(
        executors={"default": DebugExecutor()},
        job_defaults={"misfire_grace_time": None, "coalesce": True},
        timezone="UTC",
    )
