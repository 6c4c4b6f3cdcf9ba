"""The attempts that this node carries out now: what is known in memory only and dies with the process.

Everything lasting about them is in the database. The dispatcher adds and removes them, executors report into them, the
stopper reads their deadlines.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import structs

from rota.engine.slots import GoOn, Slots
from rota.executors.base import Executor
from rota.model.attempt import Answer, AttemptId
from rota.model.background_job import Lease
from rota.model.outcome import Outcome
from rota.model.record import Stream
from rota.model.transitions import Stop
from rota.model.values import Json
from rota.runtime.clock import Clock

OUTPUT_LIMIT = 10 * 1024 * 1024
"""How many bytes of output a job may have stored, over all attempts; then one `truncated` event, and nothing more."""


@dataclass(slots=True)
class LiveAttempt:
    """One attempt under way. `node` is the incarnation that holds its lease; what is named `..._mark` is monotonic.

    `executor` is the one that it was given to: its queue may have another by now.
    """

    id: AttemptId
    lease: Lease
    node: str
    executor: Executor
    claimed_mark: float
    began_at: datetime | None = None
    process: int | None = None
    stop: Stop | None = None
    kill_mark: float = math.inf
    killed: bool = False
    output_bytes: int = 0
    """What the job has emitted, in this attempt and those before it."""

    @property
    def completion_instant(self) -> datetime | None:
        """When the run must be stopped by its schedule: its window's completion or its own interval, the earlier."""
        lease = self.lease
        instants = [lease.stop_at] if lease.stop_at else []
        if lease.completion_interval:
            instants.append(lease.begin_at + timedelta(seconds=lease.completion_interval))
        return min(instants, default=None)


class Emitted(msgspec.Struct, frozen=True):
    """A record that an attempt emitted, not yet stored. `size` is what it takes of the limit.

    `kept`: whether it becomes a record; progress beyond the limit is only noted with the job.
    """

    live: LiveAttempt
    stream: str
    at: datetime
    data: Json
    size: int
    kept: bool = True


class Ended(msgspec.Struct, frozen=True):
    """The end of an attempt, not yet stored."""

    live: LiveAttempt
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a running method, not yet answered."""

    live: LiveAttempt
    question: Mapping[str, Any]
    answer: Answer


@dataclass(slots=True)
class Reported:
    """What executors reported since the last pass."""

    emitted: list[Emitted]
    ended: list[Ended]

    def __bool__(self) -> bool:
        return bool(self.emitted or self.ended)


class LiveAttempts:
    """All attempts of this node; meets the `Reports` protocol of the executors. Safe from any thread."""

    def __init__(
        self,
        clock: Clock,
        *,
        on_end: Callable[[], None],
        on_record: Callable[[], None],
        on_question: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._on_end = on_end
        self._on_record = on_record
        self._on_question = on_question
        self._lock = threading.Lock()
        self._live: dict[AttemptId, LiveAttempt] = {}
        self._reported = Reported([], [])
        self._asked: list[Asked] = []
        self._slots = Slots()
        self._none_left = threading.Condition(self._lock)
        self.launching = threading.Lock()
        """Held while attempts are launched, and while all are let go: none slips in between."""

    # What the dispatcher does

    def add(self, lease: Lease, node: str, executor: Executor) -> LiveAttempt:
        live = LiveAttempt(lease.attempt.id, lease, node, executor, self._clock.monotonic())
        live.output_bytes = lease.output_bytes
        with self._lock:
            self._live[live.id] = live
            self._slots.take(live.id, lease.queue)
        return live

    def take_reported(self) -> Reported:
        """What was reported since the last call. What could not be stored is handed back with `give_back`."""
        with self._lock:
            taken, self._reported = self._reported, Reported([], [])
        return taken

    def give_back(self, reported: Reported) -> None:
        """The pass that took this failed: it comes before whatever was reported since."""
        with self._lock:
            later = self._reported
            self._reported = Reported(reported.emitted + later.emitted, reported.ended + later.ended)

    def remove(self, lives: list[LiveAttempt]) -> None:
        """Forget attempts whose ends are stored, or whose leases are gone."""
        with self._lock:
            for live in lives:
                self._live.pop(live.id, None)
            if not self._live:
                self._none_left.notify_all()

    def busy(self, queue: str) -> int:
        """How many slots of a queue are taken."""
        with self._lock:
            return self._slots.busy(queue)

    def all(self) -> list[LiveAttempt]:
        with self._lock:
            return list(self._live.values())

    def ids(self) -> set[AttemptId]:
        with self._lock:
            return set(self._live)

    def __len__(self) -> int:
        return len(self._live)

    def drop_all(self) -> list[LiveAttempt]:
        """Forget everything: the leases are gone, and nothing that is still reported counts."""
        with self._lock:
            dropped = list(self._live.values())
            self._live.clear()
            self._reported = Reported([], [])
            self._none_left.notify_all()
        return dropped

    def wait_until_none(self, seconds: float) -> bool:
        """Wait up to `seconds` until no attempt is left; returns whether none is."""
        with self._lock:
            return self._none_left.wait_for(lambda: not self._live, seconds)

    # What executors report

    def began(self, attempt: AttemptId, at: datetime, process: int | None) -> None:
        live = self._live.get(attempt)
        if live is not None:
            live.began_at = at
            live.process = process

    def emitted(self, attempt: AttemptId, stream: str, at: datetime, data: Json) -> None:
        live = self._live.get(attempt)
        if live is None:
            return
        if live.output_bytes > OUTPUT_LIMIT:
            if stream == Stream.PROGRESS:
                self._report(Emitted(live, stream, at, data, 0, kept=False))
            return
        size = _size(data)
        live.output_bytes += size
        if live.output_bytes > OUTPUT_LIMIT:
            stream, data = Stream.EVENT, {"event": "truncated", "limit": OUTPUT_LIMIT}
        self._report(Emitted(live, stream, at, data, size))

    def _report(self, emitted: Emitted) -> None:
        with self._lock:
            first = not self._reported.emitted
            self._reported.emitted.append(emitted)
        if first:
            self._on_record()

    def asked(self, attempt: AttemptId, question: Mapping[str, Json], answer: Answer) -> None:
        with self._lock:
            live = self._live.get(attempt)
            if live is not None:
                self._asked.append(Asked(live, question, answer))
        self._on_question()

    def ended(self, attempt: AttemptId, at: datetime, outcome: Outcome) -> None:
        with self._lock:
            go_on = self._slots.free(attempt)
            live = self._live.get(attempt)
            if live is not None:
                self._reported.ended.append(Ended(live, at, _storable(outcome)))
        if go_on is not None:
            go_on()
        self._on_end()

    # Slots of attempts that wait for others

    def take_asked(self) -> list[Asked]:
        """What methods have asked since the last call."""
        with self._lock:
            taken, self._asked = self._asked, []
        return taken

    def is_running(self, attempt: AttemptId) -> bool:
        """Whether the attempt has not ended."""
        with self._lock:
            return attempt in self._live and self._slots.holds(attempt)

    def lend_slot(self, live: LiveAttempt) -> None:
        """The attempt waits: its slot is free until it wants it back."""
        with self._lock:
            if not self._slots.may_lend(live.id):
                return
            go_on = self._slots.lend(live.id)
        live.executor.pause(live.id)
        if go_on is not None:
            go_on()
        self._on_end()

    def return_slot(self, live: LiveAttempt, go_on: GoOn) -> None:
        """The attempt wants to go on: call `go_on` once it has a slot, before anything new is begun in one."""

        def resume() -> None:
            live.executor.resume(live.id)
            go_on()

        with self._lock:
            if not self._slots.holds(live.id) or not self._slots.take_back(live.id, live.executor.slots, resume):
                return
        resume()


def _storable(outcome: Outcome) -> Outcome:
    """The same, with a message that fits a column of text: PostgreSQL has none for NUL characters."""
    error = outcome.error
    if error is None or "\0" not in error.message:
        return outcome
    return structs.replace(outcome, error=structs.replace(error, message=nul_written_out(error.message)))


def nul_written_out(text: str) -> str:
    """The text with its NUL characters written out."""
    return text.replace("\0", "\\0")


def _size(data: Json) -> int:
    """Roughly how many bytes a record takes; text, which is nearly all of it, is counted without encoding it."""
    return len(data) if isinstance(data, str) else len(str(data))
