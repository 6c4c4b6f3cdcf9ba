"""What the ends of jobs mean for their parents and children. Called where ends are written: dispatcher and rescuer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rota.model.event import Event, Name
from rota.model.states import FINISHED, State
from rota.store import Transaction, children
from rota.store.children import EndedMap
from rota.store.transitions import Ending


def settle_families(
    tx: Transaction, endings: Sequence[Ending], counts: Mapping[int, int | None], now: datetime
) -> list[EndedMap]:
    """Move the maps on whose children ended, and cancel the children of jobs that were cancelled.

    `counts` are those of the rows written: only members of a family, which have none, cost anything here.
    """
    related = [each for each in endings if each.sequence in counts and counts[each.sequence] is None]
    gone = [each.sequence for each in related if each.next.state in FINISHED]
    for each in related:
        if each.next.state is State.CANCELLED:
            gone += children.cancel_children(tx, each.job, grace=None, now=now)
    return children.note_ends(tx, gone, now) if gone else []


_EVENT_OF = {
    State.COMPLETED: Name.JOB_COMPLETED,
    State.FAILED: Name.JOB_FAILED,
    State.CANCELLED: Name.JOB_CANCELLED,
}


def event_of(ended: EndedMap) -> Event:
    """The end of a map, for whoever listens to the engine."""
    facts = {
        "job": ended.job,
        "name": ended.name,
        "reason": None if ended.error else "children of it were cancelled",
        "error": ended.error,
        "begin_at": ended.begin_at,
        "end_at": ended.end_at,
    }
    return Event(_EVENT_OF[ended.state], ended.end_at, facts)
