"""The stopper: ends attempts whose time is over or whose cancellation was asked for; first politely, then by force."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from rota.engine.identity import Identity
from rota.engine.live import LiveAttempt, LiveAttempts
from rota.model.attempt import AttemptId
from rota.model.event import Announce, Event, Name
from rota.model.transitions import Stop
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, outlook

GRACE_SECONDS = 10.0
"""How long an attempt that was asked to stop may take before it is ended by force, where nobody says otherwise."""

POLL = timedelta(seconds=5)


class Stopper:
    """Reads deadlines and wishes, and has executors carry them out."""

    def __init__(self, store: Store, clock: Clock, *, identity: Identity, live: LiveAttempts, tell: Announce) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self._live = live
        self._tell = tell
        self._lock = threading.Lock()

    def run_once(self) -> Pass:
        """Stop what is over its time or not wanted any more: politely at first, by force after the grace."""
        lives = self._live.all()
        now = self._clock.now()
        if not lives:
            return Pass({}, now + POLL)
        # What needs no database comes first: a deadline holds while the database is away, too.
        for live in lives:
            self._heed_deadlines(live, now)
        killed = self._kill_due(lives)
        self._heed_requests({live.id: live for live in lives})
        killed += self._kill_due(lives)
        stopping = sum(1 for live in lives if live.stop is not None)
        return Pass({"stopping": stopping, "killed": killed}, self._next_at(lives))

    def stop_all(self, reason: Stop, grace: float) -> None:
        """Ask every attempt to stop."""
        for live in self._live.all():
            self._stop(live, reason, grace)

    def _heed_requests(self, lives: dict[AttemptId, LiveAttempt]) -> None:
        with self._store.read() as tx:
            wanted = outlook.cancels_requested(tx, self._identity.incarnation)
        for job, attempt, grace in wanted:
            live = lives.get(AttemptId(job, attempt))
            if live is not None:
                self._stop(live, Stop.REQUEST, GRACE_SECONDS if grace is None else grace)

    def _heed_deadlines(self, live: LiveAttempt, now: datetime) -> None:
        completion = live.completion_instant
        timeout = live.lease.timeout
        if completion is not None and completion <= now:
            self._stop(live, Stop.COMPLETION, GRACE_SECONDS)
        elif timeout is not None and self._clock.monotonic() - live.claimed_mark >= timeout:
            self._stop(live, Stop.TIMEOUT, GRACE_SECONDS)

    def _stop(self, live: LiveAttempt, reason: Stop, grace: float) -> None:
        """Ask one attempt to stop. The first reason stands; a wish to cancel outranks a deadline's or a shutdown's.

        The end by force comes as early as anybody who asked wants it.
        """
        with self._lock:
            mark = self._clock.monotonic()
            is_first, is_earlier = live.stop is None, mark + grace < live.kill_mark
            if is_first or reason is Stop.REQUEST:
                live.stop = reason
            if is_earlier:
                live.kill_mark = mark + grace
        if not is_first:
            return
        attempt = live.lease.attempt
        facts = {"job": attempt.job, "name": attempt.name, "attempt": attempt.number, "reason": str(reason)}
        self._tell(Event(Name.JOB_STOPPING, self._clock.now(), facts))
        live.executor.cancel(live.id)

    def _kill_due(self, lives: list[LiveAttempt]) -> int:
        mark = self._clock.monotonic()
        due = [live for live in lives if live.kill_mark <= mark and not live.killed]
        for live in due:
            live.killed = True
            live.executor.kill(live.id)
        return len(due)

    def _next_at(self, lives: list[LiveAttempt]) -> datetime:
        now, mark = self._clock.now(), self._clock.monotonic()
        instants = [now + POLL]
        for live in lives:
            if live.killed:
                continue
            if live.stop is not None:
                instants.append(now + timedelta(seconds=live.kill_mark - mark))
                continue
            if live.lease.timeout is not None:
                instants.append(now + timedelta(seconds=live.claimed_mark + live.lease.timeout - mark))
            if live.completion_instant is not None:
                instants.append(live.completion_instant)
        return min(instants)
