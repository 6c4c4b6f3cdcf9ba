"""Looks: what a scheduler pass decided about the jobs that it looked at, and how that is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial

import msgspec

from rota.model.errors import DatabaseUnavailable
from rota.store.bulk import as_instant, packed, statements
from rota.store.connection import Transaction


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What a scheduler pass decided about one job. `seen` is the `look_at` that the pass found, which must still stand.

    `active_job` is the background job it started, if any.
    """

    id: str
    seen: datetime
    considered: datetime
    next_start: datetime | None
    look_at: datetime | None
    active_job: str | None
    held: str | None
    missed: int


_NOTE_LOOKS = statements(
    """
    UPDATE rota_scheduled_job
    SET considered = considered_, next_start = next_start_, look_at = look_at_, active_job = active_job_, held = held_,
        missed = missed + missed_
    FROM {rows}
    WHERE id = id_ AND look_at = seen_ AND active_job IS NULL
    """,
    {
        "id_": "text",
        "seen_": "timestamptz",
        "considered_": "timestamptz",
        "next_start_": "timestamptz",
        "look_at_": "timestamptz",
        "active_job_": "text",
        "held_": "text",
        "missed_": "integer",
    },
)


def note_looks(tx: Transaction, looks: Sequence[Look]) -> None:
    """Write what a pass decided, comparing and setting each job's `look_at`.

    If one moved meanwhile, nothing of the pass may stand: raises `DatabaseUnavailable`, which rolls it back.
    """
    if not looks:
        return
    instant = cache(partial(as_instant, tx))  # most of them share all of theirs
    rows = packed(
        {
            "id_": look.id,
            "seen_": instant(look.seen),
            "considered_": instant(look.considered),
            "next_start_": instant(look.next_start),
            "look_at_": instant(look.look_at),
            "active_job_": look.active_job,
            "held_": look.held,
            "missed_": look.missed,
        }
        for look in looks
    )
    changed = tx.execute(_NOTE_LOOKS[tx.dialect.name], {"rows": rows})
    if changed.rowcount != len(looks):
        raise DatabaseUnavailable("scheduled jobs changed while a scheduler pass decided about them")
