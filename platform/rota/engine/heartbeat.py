"""The heartbeat: keeps this node's lease, and lets go of everything when the lease is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from rota.engine.identity import Identity
from rota.engine.live import LiveAttempts
from rota.engine.queues import Queues
from rota.model.errors import TemporaryError
from rota.model.event import Announce, Event, Name
from rota.model.ids import new_id
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, nodes
from rota.store.nodes import Node

BEATS_PER_LEASE = 3

_OUT_OF_REACH = "the database could not be reached for the length of the lease"
_DECLARED_LOST = "another node declared this one lost"


class Heartbeat:
    """Raises the node's counter three times a lease.

    Where other nodes may take over, a node that could not reach the database for a whole lease kills its attempts: they
    may be running elsewhere by now. With SQLite nobody else can, and it goes on trying.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        identity: Identity,
        live: LiveAttempts,
        queues: Queues,
        lease: float,
        tell: Announce,
    ) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self._live = live
        self._queues = queues
        self._lease = lease
        self._tell = tell
        self._kept_mark = clock.monotonic()
        self._gave_up = False

    def register(self) -> None:
        """Announce this incarnation to the database."""
        mark = self._clock.monotonic()
        slots = self._queues.slots()
        with self._store.write() as tx:
            nodes.register(tx, self._node(self._identity.incarnation, slots))
        self._kept_mark = mark

    def run_once(self) -> Pass:
        """Raise the counter of this node, or become a new incarnation where the lease is gone."""
        now = self._clock.now()
        mark = self._clock.monotonic()
        try:
            if self._gave_up or not self._beat(now):
                self._begin_anew()
                return Pass({"renewed": 1}, now)
        except TemporaryError:
            if not self._store.is_sqlite and self._clock.monotonic() - self._kept_mark > self._lease:
                self._gave_up = True
                self._let_go(self._identity.incarnation, _OUT_OF_REACH)
            raise
        self._kept_mark = mark
        return Pass({"beats": 1}, now + timedelta(seconds=self._lease / BEATS_PER_LEASE))

    def _beat(self, now: datetime) -> bool:
        with self._store.write() as tx:
            return nodes.beat(tx, self._identity.incarnation, now)

    def _begin_anew(self) -> None:
        """Become a new incarnation. The old one ends in the database too: whatever it held is for the rescuers."""
        mark = self._clock.monotonic()
        now = self._clock.now()
        slots = self._queues.slots()
        fresh, old = new_id(), self._identity.incarnation
        with self._store.write() as tx:
            for node in nodes.active(tx):
                if node.id == old:
                    nodes.declare_lost(tx, node.id, node.beat, now)
            nodes.register(tx, self._node(fresh, slots))
        self._let_go(fresh, _OUT_OF_REACH if self._gave_up else _DECLARED_LOST)
        self._kept_mark = mark
        self._gave_up = False

    def _node(self, incarnation: str, slots: Mapping[str, int]) -> Node:
        now = self._clock.now()
        identity = self._identity
        return Node(
            id=incarnation,
            name=identity.name,
            host=identity.host,
            process=identity.process,
            started_at=now,
            seen_at=now,
            beat=0,
            lease=self._lease,
            slots=slots,
        )

    def _let_go(self, incarnation: str, why: str) -> None:
        """Kill every attempt and forget it; be `incarnation` from here on."""
        with self._live.launching:
            self._identity.become(incarnation)
            dropped = self._live.drop_all()
        for live in dropped:
            live.executor.kill(live.id)
        if dropped:
            facts = {"node": self._identity.name, "reason": why, "jobs": len(dropped)}
            self._tell(Event(Name.NODE_LOST, self._clock.now(), facts))

    def retire(self) -> None:
        """The node ends by itself."""
        with self._store.write() as tx:
            nodes.end(tx, self._identity.incarnation, self._clock.now())
