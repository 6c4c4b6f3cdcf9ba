"""The engine: one node, with its services put together. Nothing here decides about a job.

`Engine` holds the parts and the right to run them; the supervisor gives each a thread. Every service can also be run by
hand with `run_once`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from rota.engine.answerer import Answerer, AnswerQuestion
from rota.engine.directory import Directory
from rota.engine.dispatcher import Dispatcher
from rota.engine.heartbeat import Heartbeat
from rota.engine.herald import Herald
from rota.engine.identity import Identity
from rota.engine.listener import Listener
from rota.engine.live import LiveAttempts
from rota.engine.lock_keeper import LockKeeper
from rota.engine.queues import MakeExecutor, Queues
from rota.engine.recorder import Recorder
from rota.engine.rescuer import Rescuer
from rota.engine.retention import Retention
from rota.engine.scheduler import Scheduler
from rota.engine.stopper import Stopper
from rota.model.attempt import Attempt
from rota.model.errors import TemporaryError, UsageError
from rota.model.event import Announce, Event
from rota.model.lock import STOP_JOBS
from rota.model.values import Json
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.runtime.timer import Timer
from rota.store import Store, locks, outlook, scheduled_jobs
from rota.store.engine_lock import EngineLock
from rota.store.wakeups import Channel, Heard, engine_wakeups_of
from rota.store.words import Words

LEASE_SECONDS = 15.0
"""How long a silent node keeps its leases."""

RECORDS_EVERY = timedelta(milliseconds=100)
"""How long output may wait to be stored with other output while its job goes on."""


def _nothing_to_say(_attempt: Attempt, _question: Mapping[str, Any]) -> Json:
    raise UsageError("this engine answers no questions of methods")


class HasRunOnce(Protocol):
    """A service: one pass at a time."""

    def run_once(self) -> Pass: ...


class Engine:
    """One node on a database.

    `roots` says where configurations lie that lie elsewhere than they were applied from, by their names.
    `wakers` are filled by whoever runs the services: calling one by a service's name has it look again. `lease` is in
    seconds. With `limit` it begins no more than that many attempts.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timer: Timer,
        *,
        make_executor: MakeExecutor,
        tell: Announce,
        answer: AnswerQuestion = _nothing_to_say,
        roots: Mapping[str, str] | None = None,
        lease: float = LEASE_SECONDS,
        scheduling: bool = True,
        limit: int | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.timer = timer
        self.tell = tell = _never_raising(tell)
        self.wakers: dict[str, Callable[[], None]] = {}
        self._lease = lease
        self.identity = identity = Identity()
        self.directory = directory = Directory(store, clock, roots or {})
        self.live = live = LiveAttempts(
            clock,
            on_end=self._wake_dispatcher,
            on_record=self._store_records_soon,
            on_question=self._wake_answerer,
        )
        self.queues = queues = Queues(directory, make_executor)
        self._wakeups = engine_wakeups_of(store)
        speaks = store.listens and not store.is_sqlite
        self._herald = Herald(Words(store), clock) if speaks else None
        self._lock = EngineLock(store.file) if store.file is not None else None

        self._recorder = Recorder(store, clock)
        self._claims_store = store.apart()
        self.dispatcher = Dispatcher(
            self._claims_store,
            clock,
            identity=identity,
            directory=directory,
            queues=queues,
            live=live,
            recorder=self._recorder,
            tell=tell,
            on_stored=self._tell_waiters,
            on_launched=self._wake_stopper,
            on_scheduled_job_freed=self._wake_scheduler,
            limit=limit,
        )
        self.answerer = Answerer(
            store, clock, live=live, answer=answer, wake=self._wake_answerer, say_waiting=self._say_waiting
        )
        self.stopper = Stopper(store, clock, identity=identity, live=live, tell=tell)
        self.heartbeat = Heartbeat(store, clock, identity=identity, live=live, queues=queues, lease=lease, tell=tell)
        self.rescuer = Rescuer(store, clock, identity=identity, lease=lease, tell=tell, on_stored=self._tell_waiters)
        self._lock_keeper = LockKeeper(store, clock, tell=tell, on_end=self._lock_ended)
        self._scheduler = Scheduler(store, clock, tell=tell, on_queued=self._look_into)
        self._scheduling = scheduling
        self._retention = Retention(store, clock, directory=directory, tell=tell)
        self._listener = Listener(self._wakeups, clock, on_words=self._hear, on_silence=self._wake_dispatcher)

    @property
    def services(self) -> Mapping[str, HasRunOnce]:
        """The services by name, in the order in which they start, save that the dispatcher goes first."""
        services: dict[str, HasRunOnce] = {
            "heartbeat": self.heartbeat,
            "rescuer": self.rescuer,
            "dispatcher": self.dispatcher,
            "stopper": self.stopper,
            "answerer": self.answerer,
            "lock keeper": self._lock_keeper,
        }
        if self._scheduling:
            services["scheduler"] = self._scheduler
        services["retention"] = self._retention
        if self._herald is not None:
            services["herald"] = self._herald
        services["listener"] = self._listener  # its passes are long, and nobody waits for its first
        return services

    def take_place(self) -> None:
        """Become the engine of an SQLite database, or one of the nodes of a PostgreSQL one.

        Raises `EngineAlreadyActive`.
        """
        for store in (self.store, self._claims_store):
            store.end_transactions_when_idle(self._lease)
        if self._lock is not None:
            since = f"{self.clock.now():%Y-%m-%d %H:%M:%S} UTC"
            self._lock.take({"process": self.identity.process, "host": self.identity.host, "since": since})
        try:
            self.heartbeat.register()
        except BaseException:
            self.queues.close()
            self._leave()
            raise

    def leave_place(self) -> None:
        """Give it up, after the last attempt has ended."""
        try:
            self.heartbeat.retire()
        finally:
            self._leave()

    def _leave(self) -> None:
        self._recorder.close()
        self._claims_store.close()
        self._wakeups.close()
        if self._herald is not None:
            self._herald.close()
        if self._lock is not None:
            self._lock.release()

    def is_idle(self) -> bool:
        """Whether nothing runs, and nothing that may start waits, is queued or is due."""
        now = self.clock.now()
        with self.store.read() as tx:
            held = locks.held(tx, now)
            if any(each.name in STOP_JOBS for each in held):
                return not outlook.running(tx)
            if outlook.unfinished(tx):
                return False
            look = scheduled_jobs.next_look(tx) if self._scheduling and not held else None
        return look is None or look > now

    def is_done_for_now(self) -> bool:
        """Whether nothing runs on this node, and nothing is due that it may start."""
        now = self.clock.now()
        with self.store.read() as tx:
            if outlook.runs_on(tx, self.identity.incarnation):
                return False
            if self.dispatcher.has_enough:
                return True
            due = outlook.next_due(tx)
            look = scheduled_jobs.next_look(tx) if self._scheduling else None
        return all(instant is None or instant > now for instant in (due, look))

    def look_again(self) -> None:
        """Somebody changed the database."""
        self.directory.forget()
        self.answerer.note_ends()
        self._jobs_queued()
        for name in ("lock keeper", "scheduler", "stopper"):
            self._wake(name)

    def _hear(self, words: Heard) -> datetime | None:
        """New jobs are for the dispatcher alone, which then is not kept from them; returns when it is to look again."""
        channels = {word.channel for word in words}
        if Channel.ENDS in channels:
            self.answerer.note_ends()
        if Channel.WAITERS in channels:
            self._waiter_heard()
        if Channel.CHANGES in channels:
            self.look_again()
        elif Channel.QUEUES in channels:
            return self._claim_from({word.queue for word in words if word.channel is Channel.QUEUES})
        return None

    def _wake(self, service: str) -> None:
        waker = self.wakers.get(service)
        if waker is not None:
            waker()

    def _wake_dispatcher(self) -> None:
        self._wake("dispatcher")

    def _jobs_queued(self) -> None:
        self.dispatcher.look_everywhere()
        self._wake("dispatcher")

    def _look_into(self, queues: Collection[str]) -> None:
        self.dispatcher.look_into(queues)
        self._wake_dispatcher()

    def _claim_from(self, queues: Collection[str]) -> datetime | None:
        """Have new jobs claimed, here and now if possible; returns when the dispatcher is to look again."""
        self.dispatcher.look_into(queues)
        try:
            done = self.dispatcher.run_unless_busy()
        except TemporaryError:
            done = None  # the dispatcher's own pass meets the same trouble, tells of it and is tried again
        if done is None or done.again:
            self._wake_dispatcher()
            return None
        return done.next_at

    def _wake_answerer(self) -> None:
        self._wake("answerer")

    def _tell_waiters(self) -> None:
        self.answerer.note_ends()
        if self._herald is not None and self._herald.note_stored():
            self._wake("herald")

    def _waiter_heard(self) -> None:
        if self._herald is not None and self._herald.note_waiter():
            self._wake("herald")

    def _say_waiting(self) -> None:
        if self._herald is not None and self._herald.note_waiting():
            self._wake("herald")

    def _lock_ended(self) -> None:
        self._wake("scheduler")
        self._jobs_queued()

    def _wake_scheduler(self) -> None:
        self._wake("scheduler")

    def _wake_stopper(self) -> None:
        self._wake("stopper")

    def _store_records_soon(self) -> None:
        self.timer.wake_at("records", self.clock.now() + RECORDS_EVERY, self._wake_dispatcher)


def _never_raising(tell: Announce) -> Announce:
    """The same, for a listener that breaks: what it does not hear must not cost a job."""

    def announce(event: Event) -> None:
        try:
            tell(event)
        except Exception:
            logging.getLogger("rota.engine").exception("nobody heard of %s", event.name)

    return announce


@dataclass(frozen=True, slots=True)
class Stopped:
    """How an engine stopped. `handed_back`: attempts that did not end within the grace and will be run again.

    `failure` is what broke it, or kept it from leaving the database in good order; then the next engine tidies up.
    """

    handed_back: int
    failure: BaseException | None
