"""The rescuer: finds the runs of nodes that died, and restarts or fails them as their policy says.

It watches the other nodes' heartbeats by a clock of its own. With SQLite the engine's lock proves that every other node
is dead, so they are declared lost at the first pass.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from rota.engine.attempt import EVENT_OF
from rota.engine.families import event_of, settle_families
from rota.engine.heartbeat import BEATS_PER_LEASE
from rota.engine.identity import Identity
from rota.model.event import Announce, Event, Name
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.record import Stream
from rota.model.states import State
from rota.model.transitions import Next, Stop, after_attempt
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, Transaction, children, keys, nodes, outlook, records, transitions
from rota.store.children import EndedMap
from rota.store.nodes import Node
from rota.store.outlook import OrphanedLease
from rota.store.records import NewRecord
from rota.store.transitions import Ending

_LOST = ErrorInfo(type="Lost", message="the node that ran it died or lost its lease")


def _outcome(orphan: OrphanedLease) -> Outcome:
    """Lost, unless the method's own transaction is committed as its return."""
    if orphan.returned:
        return Outcome(end=End.RETURNED, result=orphan.result)
    return Outcome(end=End.LOST, error=_LOST)


def _result(orphan: OrphanedLease, at: datetime) -> NewRecord:
    lease = orphan.lease
    return NewRecord(
        sequence=lease.sequence, attempt=lease.attempt.number, stream=Stream.OUTPUT, at=at, data=orphan.result
    )


class Rescuer:
    """Declares nodes lost and ends their attempts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        identity: Identity,
        lease: float,
        tell: Announce,
        on_stored: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self._lease = lease
        self._tell = tell
        self._on_stored = on_stored
        self._seen: dict[str, tuple[int, float]] = {}

    def run_once(self) -> Pass:
        """Declare silent nodes lost, end what they ran as the policies say, and cancel children that nobody wants."""
        now = self._clock.now()
        with self._store.read() as tx:
            silent = self._silent(nodes.active(tx))
            orphans = outlook.has_orphans(tx)
            unwanted = children.has_unwanted(tx)
        lost: list[Node] = []
        rescued: list[tuple[OrphanedLease, Next]] = []
        if silent or orphans:
            with self._store.write() as tx:
                lost = [node for node in silent if nodes.declare_lost(tx, node.id, node.beat, now)]
                rescued, maps = self._rescue(tx)
            self._on_stored()
            self._announce(lost, rescued, maps)
        if unwanted:
            self._cancel_unwanted(now)
        counts = {"lost": len(lost), "rescued": len(rescued)}
        return Pass(counts, now + timedelta(seconds=self._lease / BEATS_PER_LEASE))

    def _cancel_unwanted(self, now: datetime) -> None:
        """Children of cancelled jobs that somebody had in hand when those were cancelled."""
        with self._store.write() as tx:
            maps = children.note_ends(tx, children.cancel_unwanted(tx, now=now), now)
            records.append(tx, *children.errors_of(maps))
        self._on_stored()
        self._announce([], [], maps)

    def _silent(self, active: list[Node]) -> list[Node]:
        """The other nodes whose counter has stood still for their lease."""
        mark = self._clock.monotonic()
        others = [node for node in active if node.id != self._identity.incarnation]
        before, self._seen = self._seen, {}
        silent = []
        for node in others:
            beat, since = before.get(node.id, (node.beat, mark))
            if beat != node.beat:
                since = mark
            self._seen[node.id] = (node.beat, since)
            if self._store.is_sqlite or mark - since >= node.lease:
                silent.append(node)
        return silent

    def _rescue(self, tx: Transaction) -> tuple[list[tuple[OrphanedLease, Next]], list[EndedMap]]:
        now = self._clock.now()
        judged = [(orphan, self._judge(orphan)) for orphan in outlook.orphans(tx)]
        endings = [_ending(orphan, after, now) for orphan, after in judged]
        counts = transitions.end_attempts(tx, endings)
        maps = settle_families(tx, endings, counts, now)
        errors, of_maps = children.errors_of(maps)
        told = [_record_of(orphan, after, now) for orphan, after in judged]
        records.append(tx, [each for each in told if each is not None] + errors, {**counts, **of_maps})
        if any(orphan.lease.attempt.key is not None for orphan, _ in judged):
            keys.pass_on(tx)
        return judged, maps

    def _judge(self, orphan: OrphanedLease) -> Next:
        return after_attempt(
            _outcome(orphan),
            retry=orphan.lease.retry,
            restarts=orphan.lease.restarts,
            now=self._clock.now(),
            stop=Stop.REQUEST if orphan.cancel_requested else None,
            spread=random.random(),  # noqa: S311 -- spreads restarts in time; nobody guards anything with it
        )

    def _announce(self, lost: list[Node], rescued: list[tuple[OrphanedLease, Next]], maps: list[EndedMap]) -> None:
        now = self._clock.now()
        for node in lost:
            lost_facts = {"node": node.name, "reason": "it stopped without a word", "jobs": None}
            self._tell(Event(Name.NODE_LOST, now, lost_facts))
        for orphan, after in rescued:
            lease = orphan.lease
            facts: dict[str, Any] = {
                "job": lease.attempt.job,
                "name": lease.attempt.name,
                "attempt": lease.attempt.number,
                "reason": after.reason,
                "error": after.error,
                "due_at": after.due_at,
                "restart": after.restarts,
                "restarts": lease.retry.count,
                "begin_at": lease.claimed_at,
                "end_at": now,
            }
            self._tell(Event(EVENT_OF[after.state], now, facts))
        for ended in maps:
            self._tell(event_of(ended))


def _ending(orphan: OrphanedLease, after: Next, now: datetime) -> Ending:
    lease = orphan.lease
    return Ending(
        sequence=lease.sequence,
        job=lease.attempt.job,
        number=lease.attempt.number,
        node=orphan.node,
        begin_at=lease.claimed_at,
        end_at=now,
        process=None,
        end=_outcome(orphan).end,
        next=after,
        scheduled_job=lease.scheduled_job,
        run_begin=lease.begin_at,
    )


def _record_of(orphan: OrphanedLease, after: Next, now: datetime) -> NewRecord | None:
    """What somebody who receives the job's records learns of its end: the result, or what went wrong."""
    if orphan.returned:
        return _result(orphan, now) if orphan.result is not None else None
    if after.state is State.CANCELLED or after.error is None:
        return None
    lease = orphan.lease
    data = after.error.to_data()
    return NewRecord(sequence=lease.sequence, attempt=lease.attempt.number, stream=Stream.ERROR, at=now, data=data)
