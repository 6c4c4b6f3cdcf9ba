"""The heartbeat: keeps this node's lease, and lets go of everything when the lease is gone."""

from __future__ import annotations

from datetime import timedelta

from rota.engine.identity import Identity
from rota.engine.live import LiveAttempts
from rota.engine.pools import Pools
from rota.model.errors import TemporaryError
from rota.model.event import Announce, Event, Name
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, nodes
from rota.store.nodes import Node

BEATS_PER_LEASE = 3


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
        pools: Pools,
        lease: float,
        tell: Announce,
    ) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self._live = live
        self._pools = pools
        self._lease = lease
        self._tell = tell
        self._kept_mark = clock.monotonic()

    def register(self) -> None:
        """Announce this incarnation to the database."""
        now = self._clock.now()
        identity = self._identity
        with self._store.write() as tx:
            nodes.register(
                tx,
                Node(
                    id=identity.incarnation,
                    name=identity.name,
                    host=identity.host,
                    process=identity.process,
                    started_at=now,
                    seen_at=now,
                    beat=0,
                    lease=self._lease,
                    slots=self._pools.slots(),
                ),
            )
        self._kept_mark = self._clock.monotonic()

    def run_once(self) -> Pass:
        now = self._clock.now()
        mark = self._clock.monotonic()
        try:
            with self._store.write() as tx:
                alive = nodes.beat(tx, self._identity.incarnation, now)
        except TemporaryError:
            if not self._store.is_sqlite and self._clock.monotonic() - self._kept_mark > self._lease:
                self._let_go("the database could not be reached for the length of the lease")
            raise
        if not alive:
            self._let_go("another node declared this one lost")
            self._identity.renew()
            self.register()
            return Pass({"renewed": 1}, now)
        self._kept_mark = mark
        return Pass({"beats": 1}, now + timedelta(seconds=self._lease / BEATS_PER_LEASE))

    def _let_go(self, why: str) -> None:
        dropped = self._live.drop_all()
        for live in dropped:
            self._pools.executor(live.lease.pool).kill(live.id)
        if dropped:
            facts = {"node": self._identity.name, "reason": why, "jobs": len(dropped)}
            self._tell(Event(Name.NODE_LOST, self._clock.now(), facts))

    def retire(self) -> None:
        """The node ends by itself."""
        with self._store.write() as tx:
            nodes.end(tx, self._identity.incarnation, self._clock.now())
