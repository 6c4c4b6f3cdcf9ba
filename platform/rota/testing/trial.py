"""A platform for testing one's own jobs: a database of its own, a clock that the test moves, and `run_due`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rota.app.answering import Answering
from rota.app.facade import Platform
from rota.app.job_handle import Job
from rota.app.settings import Settings
from rota.app.updates import apply_all
from rota.app.validation import require_valid, validate
from rota.app.wiring import TRANSACTIONS, make_context
from rota.engine.engine import Engine
from rota.executors.base import Executor
from rota.executors.registry import make
from rota.model.attempt import TransactionSource
from rota.model.definition import ExecutorSpec
from rota.model.event import Event, Name
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed
from rota.testing.clock import SettableClock
from rota.testing.factories import apply_configuration, make_store
from rota.testing.inline import InlineExecutor
from rota.testing.timer import ManualTimer


class TestPlatform(Platform):
    """A `Platform` on a fresh SQLite database in `folder`. Everything happens when the test says so, at `clock`."""

    __test__ = False  # for pytest: it is no test itself

    def __init__(self, folder: Path, clock: SettableClock | None = None, *, user: str = ADMINISTRATOR) -> None:
        self.clock = clock or SettableClock()
        url = f"sqlite:///{folder}/rota.db"
        make_store(url).close()
        context = make_context(Settings(database=url, user=user), self.clock)
        super().__init__(replace(context, engine_advice="run what is due with `run_due()`"))

    def apply(self, configuration: str | Path | Mapping[str, Any], **header: Any) -> None:
        """Apply a configuration: a file or folder, or jobs as they stand in YAML with `header` for the rest.

        Raises `ConfigurationError` for one with problems; that methods exist is found out when they are started.
        """
        if isinstance(configuration, Mapping):
            apply_configuration(self._context.store, configuration, now=self.clock.now(), **header)
        else:
            valid = require_valid(validate([Path(configuration)], code=False))
            apply_all(self._context, valid, Allowed())

    def run_due(self) -> list[Job]:
        """Run everything that is due by the clock, here and now, and what it starts; returns the jobs in their order.

        Scheduled jobs make their runs first. Methods run in this thread, whatever their executor; commands as ever. A
        restart that is due later runs after the clock was moved. Time limits and cancellations stop nothing.
        """
        run = _Run(self)
        try:
            run.to_the_end()
        finally:
            run.close()
        return [self.background_jobs.get(job) for job in run.started]


class _Run:
    """An engine whose services are called by hand, until they find nothing to do."""

    def __init__(self, platform: TestPlatform) -> None:
        context = platform._context  # noqa: SLF001 -- the platform's other half
        self.started: list[str] = []
        self._clock = context.clock
        self._reported = threading.Event()
        self._inline = InlineExecutor(self._clock.now, TransactionSource(TRANSACTIONS, context.store.full_url))
        timer = ManualTimer(platform.clock)
        self._engine = Engine(
            context.store,
            self._clock,
            timer,
            make_executor=self._executor,
            tell=self._note,
            answer=Answering(context),
        )
        self._inline.attend = self._attend
        self._engine.wakers["dispatcher"] = self._reported.set
        self._engine.take_place()

    def to_the_end(self) -> None:
        """Make the passes of scheduler and dispatcher, and what they start, until there is nothing more."""
        services = self._engine.services
        while True:
            due = services["scheduler"].run_once().counts.get("started", 0)
            self._engine.dispatcher.look_everywhere()
            claimed = self._engine.dispatcher.run_once().counts.get("claimed", 0)
            self._inline.run_waiting()
            self._settle()
            if not due and not claimed:
                return

    def _settle(self) -> None:
        """Store the ends of everything that was started."""
        while len(self._engine.live):
            self._reported.clear()
            if not self._engine.dispatcher.run_once().counts.get("settled", 0):
                self._reported.wait()  # for a command, which runs in a process of its own
            self._inline.run_waiting()

    def _attend(self) -> bool:
        """One look of the engine's services at what a method asked, with the jobs that this starts."""
        looked = self._engine.services["answerer"].run_once().counts
        self._engine.dispatcher.look_everywhere()
        passed = self._engine.dispatcher.run_once().counts
        ran = self._inline.run_waiting()
        return bool(looked["questions"] or looked["over"] or passed.get("settled") or passed.get("claimed") or ran)

    def close(self) -> None:
        self._engine.queues.close()
        self._engine.leave_place()

    def _executor(self, spec: ExecutorSpec) -> Executor:
        return make(spec.kind, spec.workers, self._clock.now) if spec.kind == "command" else self._inline

    def _note(self, event: Event) -> None:
        if event.name is Name.JOB_STARTED:
            self.started.append(event.facts["job"])
