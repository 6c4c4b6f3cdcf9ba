"""Nodes: the engines that run, or ran, on this database.

A node's lease is its heartbeat: a counter that it keeps raising. Who watches it decides by a clock of its own that the
counter has stood still for the length of the lease, so that neither a stepped wall clock nor clocks that differ between
hosts end a lease.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update

from rota.store.connection import Transaction
from rota.store.tables import node


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One incarnation of an engine. `id` is random: a restarted process is another node. `lease` is in seconds."""

    id: str
    name: str
    host: str
    process: int
    started_at: datetime
    seen_at: datetime
    beat: int
    lease: float
    slots: Mapping[str, int]
    ended_at: datetime | None = None
    ended: str | None = None

    def to_data(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "host": self.host,
            "process": self.process,
            "started_at": self.started_at,
            "seen_at": self.seen_at,
            "lease": self.lease,
            "slots": dict(self.slots),
            "ended_at": self.ended_at,
            "ended": self.ended,
        }


def register(tx: Transaction, new: Node) -> None:
    """A new incarnation of a node, alive from now on."""
    tx.execute(
        insert(node).values(
            id=new.id,
            name=new.name,
            host=new.host,
            process=new.process,
            started_at=new.started_at,
            seen_at=new.seen_at,
            beat=new.beat,
            lease=new.lease,
            slots=dict(new.slots),
        )
    )


def beat(tx: Transaction, node_id: str, now: datetime) -> bool:
    """Raise the counter. False: the node has been declared ended, its leases are gone."""
    changed = tx.execute(
        update(node).where(node.c.id == node_id, node.c.ended_at.is_(None)).values(beat=node.c.beat + 1, seen_at=now)
    )
    return changed.rowcount == 1


def end(tx: Transaction, node_id: str, now: datetime) -> None:
    """The node stopped by itself."""
    tx.execute(
        update(node).where(node.c.id == node_id, node.c.ended_at.is_(None)).values(ended_at=now, ended="stopped")
    )


def declare_lost(tx: Transaction, node_id: str, beat_seen: int, now: datetime) -> bool:
    """Declare a node lost whose counter still stands at `beat_seen`. False: it moved, or somebody was quicker."""
    changed = tx.execute(
        update(node)
        .where(node.c.id == node_id, node.c.ended_at.is_(None), node.c.beat == beat_seen)
        .values(ended_at=now, ended="lost")
    )
    return changed.rowcount == 1


def active(tx: Transaction) -> list[Node]:
    """The nodes that have not ended, or have not been seen to."""
    rows = tx.execute(select(node).where(node.c.ended_at.is_(None)).order_by(node.c.started_at))
    return [Node(**row) for row in rows.mappings()]


def forget_before(tx: Transaction, cutoff: datetime) -> None:
    """Delete the nodes that ended before `cutoff`."""
    tx.execute(node.delete().where(node.c.ended_at < cutoff))
