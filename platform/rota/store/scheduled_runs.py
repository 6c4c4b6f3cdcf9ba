"""The runs of scheduled jobs: who runs one now, and how the last run ended. Called by transitions and starts by hand.

When to look at a job whose run is over was decided when the run was started: a look that comes due during the run waits
for its end. So the end of a run changes nothing about time, and costs one statement for a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from rota.store.bulk import as_instant, packed, statements
from rota.store.connection import Transaction
from rota.store.tables import scheduled_job


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A background job that ran a scheduled job and is over; `begin_at` is when its first attempt began, if one did."""

    scheduled_job: str
    job: str
    state: str
    begin_at: datetime | None
    end_at: datetime


def start_by_hand(tx: Transaction, job_id: str, background_job: str) -> None:
    """Note that `background_job`, started by hand, is the job's run."""
    mine = update(scheduled_job).where(scheduled_job.c.id == job_id, scheduled_job.c.active_job.is_(None))
    tx.execute(mine.values(active_job=background_job))


def end_runs(tx: Transaction, runs: Sequence[EndedRun]) -> None:
    """Note that runs are over. One that is not its scheduled job's run leaves it alone."""
    if not runs:
        return
    rows = packed(
        {
            "id_": run.scheduled_job,
            "job_": run.job,
            "state_": str(run.state),
            "begin_": as_instant(tx, run.begin_at),
            "end_": as_instant(tx, run.end_at),
        }
        for run in runs
    )
    tx.execute(_END_RUNS[tx.dialect.name], {"rows": rows})


# The jobs are locked in the order of their ids, as everybody does who locks several.
_END_RUNS = statements(
    """
    WITH over AS (
        SELECT given.* FROM rota_scheduled_job JOIN {rows} ON id = id_ AND active_job = job_ ORDER BY id {for_update}
    )
    UPDATE rota_scheduled_job
    SET active_job = NULL, last_job = job_, last_state = state_, last_begin = begin_, last_end = end_
    FROM over
    WHERE id = id_
    """,
    {"id_": "text", "job_": "text", "state_": "text", "begin_": "timestamptz", "end_": "timestamptz"},
)
