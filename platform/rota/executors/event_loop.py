"""An event loop in a thread of its own, with a watch over it. Made by the async executor."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from functools import partial
from threading import Event, Thread
from typing import Any

from rota.executors.failure import describe_stack
from rota.executors.raising import raise_in
from rota.executors.scope import Scope, current_scope, enter_context
from rota.model.errors import JobCancelled

BLOCKED_SECONDS = 1.0
"""How long something may keep the loop from everything else before that is reported."""

_LOOK_EVERY = 1.0
"""Seconds between two questions to the loop."""

_TIDY_SECONDS = 1.0
"""How long tasks that methods left behind may take to tidy up when the loop ends."""

Job = Callable[[], Coroutine[Any, Any, None]]


class EventLoop:
    """One loop, and the tasks of each attempt on it.

    `on_blocked` is told who keeps the loop from everything else, as far as that is known, and in which lines; once each
    time. `on_lost` is told that the loop has ended although nobody wanted that.
    """

    def __init__(self, on_blocked: Callable[[Scope | None, str], None], on_lost: Callable[[EventLoop], None]) -> None:
        self._on_blocked = on_blocked
        self._on_lost = on_lost
        self._loop = asyncio.new_event_loop()
        self._loop.set_task_factory(self._make_task)
        self._tasks: dict[Scope, set[asyncio.Future[Any]]] = {}
        self._is_closing = False
        self._is_abandoned = False
        self._is_over = Event()
        self._thread = Thread(target=self._serve, name="rota-async-executor", daemon=True)
        self._watcher = Thread(target=self._watch, name="rota-async-watch", daemon=True)
        self._thread.start()
        self._watcher.start()

    def spawn(self, scope: Scope, job: Job) -> None:
        """Run what `job` gives as a task of this scope's, with context variables of its own. Safe from any thread."""
        self._call(self._spawn, scope, job)

    def ask(self) -> Event:
        """An event that the loop sets as soon as it gets to it: a loop that is blocked does not."""
        answered = Event()
        self._call(answered.set)
        return answered

    def blocker(self) -> Scope | None:
        """Whose task is running at this moment."""
        task = asyncio.current_task(self._loop)
        return next((scope for scope, tasks in list(self._tasks.items()) if task in tasks), None)

    def interrupt(self) -> None:
        """Raise `JobCancelled` in whatever the loop is running."""
        raise_in(self._thread, JobCancelled)

    def let_go(self, scope: Scope) -> None:
        """The scope's method is over: cancel the tasks that it has left behind. In the loop's thread only."""
        for task in self._tasks.pop(scope, set()) - {asyncio.current_task()}:
            task.cancel()
        if self._is_abandoned:
            raise KeyboardInterrupt  # which asyncio lets through at once: no other task takes another step
        if self._is_closing and not self._tasks:
            self._loop.stop()

    def abandon(self) -> None:
        """It is blocked for good: it ends as soon as it gets to run again, and nobody waits for that."""
        self._is_abandoned = True
        self._loop.set_exception_handler(lambda _loop, _facts: None)  # of tasks that never came to their end

    def close(self, patience: float) -> None:
        """End once the last task has; wait `patience` seconds for that."""
        self._is_closing = True
        self._call(self._stop_if_idle)
        self._thread.join(patience)
        self._watcher.join(patience)

    # What follows runs in the loop's thread.

    def _serve(self) -> None:
        try:
            while not self._run():
                pass
            self._end_leftovers()
        finally:
            self._is_over.set()
            self._loop.close()

    def _run(self) -> bool:
        """Run until the loop ends; false if it can go on."""
        try:
            self._loop.run_forever()
        except JobCancelled:
            # Meant for a method that blocked the loop, it came in the instant after: who knows what it has cut short.
            self.abandon()
            self._on_lost(self)
        except (SystemExit, KeyboardInterrupt):  # raised in a task that a method started; asyncio passes these on
            return self._is_abandoned
        return True

    def _end_leftovers(self) -> None:
        """What methods left behind was cancelled and may tidy up; else, and on a lost loop, it ends where it stands.

        Left to the garbage collector it would end later, in the midst of somebody else's method.
        """
        left = asyncio.all_tasks(self._loop)
        if left and not self._is_abandoned:
            self._loop.run_until_complete(asyncio.wait(left, timeout=_TIDY_SECONDS))
        for task in asyncio.all_tasks(self._loop):
            scope = next((scope for scope, tasks in self._tasks.items() if task in tasks), None)
            Context().run(_close, task, scope)

    def _spawn(self, scope: Scope, job: Job) -> None:
        self._tasks[scope] = set()
        self._keep(scope, asyncio.Task(job(), loop=self._loop, context=Context()))

    def _make_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Future[Any]:
        """A task that a method started belongs to the method's attempt."""
        task = asyncio.Task(coroutine, loop=loop, **options)
        if (scope := current_scope()) is not None:
            self._keep(scope, task)
        return task

    def _keep(self, scope: Scope, task: asyncio.Future[Any]) -> None:
        tasks = self._tasks.get(scope)
        if tasks is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    def _stop_if_idle(self) -> None:
        if not self._tasks:
            self._loop.stop()

    # The watch, in a thread of its own.

    def _watch(self) -> None:
        while not self._is_over.wait(_LOOK_EVERY):
            answered = self.ask()
            if not answered.wait(BLOCKED_SECONDS) and not self._is_over.is_set():
                self._tell_blocked()
                while not answered.wait(_LOOK_EVERY):
                    if self._is_abandoned or self._is_over.is_set():
                        return

    def _tell_blocked(self) -> None:
        frame = sys._current_frames().get(self._thread.ident or 0)  # noqa: SLF001 - its name is its only flaw
        if frame is not None:
            self._on_blocked(self.blocker(), describe_stack(frame))

    def _call(self, function: Callable[..., Any], *arguments: Any) -> None:
        with suppress(RuntimeError):  # it is closed, and whoever still wants something of it does not matter
            self._loop.call_soon_threadsafe(partial(function, *arguments))


def _close(task: asyncio.Task[Any], scope: Scope | None) -> None:
    """End a task's coroutine; what it says about that is its own job's, which hears nothing any more."""
    coroutine = task.get_coro()
    if scope is not None:
        enter_context(scope)
    if coroutine is not None:
        with suppress(BaseException):  # a method may do anything when it is closed, even refuse
            coroutine.close()
