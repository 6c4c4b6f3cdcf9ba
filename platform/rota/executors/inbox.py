"""Where the threads of an executor wait for tasks: only one of them is being woken at any time.

Woken all at once, as a plain queue does it, the threads of a full batch fight for the interpreter, and with short
methods that fight costs more than the work. Here a thread that takes a task while more are waiting wakes the next one;
a thread that gets no further, because its method waits for something, has by then given the interpreter to that one.
Measured in docs/benchmarks.md: a sixth of the dispatcher's time.
"""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

Task = TypeVar("Task")


class Inbox(Generic[Task]):
    """Tasks, first in, first out. Safe from any thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._tasks: deque[Task] = deque()
        self._waiting = 0
        self._waking = False

    def put(self, task: Task) -> None:
        with self._changed:
            self._tasks.append(task)
            self._wake_one()

    def take(self) -> Task:
        """The first task; waits until there is one."""
        with self._changed:
            while not self._tasks:
                self._waiting += 1
                self._changed.wait()
                self._waiting -= 1
                self._waking = False
            task = self._tasks.popleft()
            if self._tasks:
                self._wake_one()
            return task

    def _wake_one(self) -> None:
        if self._waiting and not self._waking:
            self._waking = True
            self._changed.notify()
