"""One chaos run: a cluster under load, one fault after the other, time to heal, and the checker's judgement.

Used by `python -m tests.chaos`, the long form, and by test_campaign.py, the short one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from rota.app import locks
from rota.app.context import Context
from rota.model.lock import LockName
from rota.model.users import ADMINISTRATOR
from rota.runtime.clock import SystemClock
from rota.store import outlook
from rota.store.tables import background_job
from tests.chaos.checker import Violation, check
from tests.chaos.cluster import Cluster
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.history import History, read
from tests.support.postgres import PostgresServer
from tests.support.waiting import PATIENCE

Say = Callable[[str], None]

LEASE = 2.0
"""Seconds; short, so that killed nodes are found soon."""

STEPS = (-180, -45, -5, 5, 20)
"""How far clocks are set, in seconds. One that was ahead keeps scheduled jobs until the others have caught up."""

SETTLE = PATIENCE * 2 + max(STEPS)
"""Seconds for everything to come to its end: retries, and clocks that were ahead."""

LOOK_EVERY = 0.2
"""Seconds between two looks at whether everything has ended."""


@dataclass(frozen=True)
class Struck:
    """A fault that was struck: how long it lasted, and how long after its end the next run began; in seconds."""

    name: str
    lasted: float
    recovered: float


@dataclass(frozen=True)
class Report:
    """What came of a campaign."""

    kind: str
    nodes: int
    seed: int
    struck: tuple[Struck, ...]
    history: History
    violations: tuple[Violation, ...]


def faults_for(kind: str, count: int, choose: Random) -> list[Fault]:
    """So many faults for this kind of database, each kind of fault as often as the others, in random order."""
    there_are = [fault for fault in FAULTS if kind in fault.on]
    faults = [there_are[number % len(there_are)] for number in range(count)]
    choose.shuffle(faults)
    return faults


def run(
    url: str,
    folder: Path,
    *,
    faults: int,
    nodes: int,
    seed: int,
    server: PostgresServer | None = None,
    say: Say,
    lease: float = LEASE,
    steps: Sequence[int] = STEPS,
) -> Report:
    """Strike so many faults at `nodes` engines on the database at `url`, in a new `folder`, and judge what happened."""
    choose = Random(seed)
    cluster = Cluster(url, folder, count=nodes, lease=lease, steps=steps, seed=seed, server=server)
    try:
        for engine in cluster.engines:
            engine.started()
        cluster.wait_for_start_after(0)
        wanted = faults_for(cluster.kind, faults, choose)
        struck = [_strike(cluster, fault, choose, f"{n}/{faults}", say) for n, fault in enumerate(wanted, start=1)]
        history = _settle(cluster, say)
        violations = (*check(history), *(Violation("nobody_ends_by_itself", log) for log in cluster.broken))
        return Report(cluster.kind, nodes, seed, tuple(struck), history, violations)
    finally:
        cluster.close()


def _strike(cluster: Cluster, fault: Fault, choose: Random, number: str, say: Say) -> Struck:
    begun = time.time_ns()
    fault.strike(cluster, choose)
    over = time.time_ns()
    next_start = cluster.wait_for_start_after(over, PATIENCE + max(STEPS))
    struck = Struck(fault.name, (over - begun) / 1e9, (next_start - over) / 1e9)
    say(f"{number} {fault.name}: {struck.lasted:.1f} s; the next run began {struck.recovered:.2f} s later")
    cluster.replace_broken()
    cluster.pause(choose.uniform(0, 1))
    return struck


def _settle(cluster: Cluster, say: Say) -> History:
    """Let everything come to its end, as far as it does, and read what happened."""
    cluster.heal()
    healed_at = datetime.now(UTC)
    say("faults are over; waiting for every job to end")
    _patiently(lambda: not _not_started_since(cluster, healed_at))
    cluster.stop_clients()
    context = Context(cluster.store, SystemClock(), ADMINISTRATOR)
    locks.lock(context, LockName.SCHEDULED_JOBS, reason="the chaos is over")
    _patiently(lambda: not cluster.ask(outlook.unfinished))
    for place in range(len(cluster.engines)):
        cluster.stop_engine(place)
    return read(cluster.store, cluster.notes, healed_at)


def _patiently(is_so: Callable[[], bool]) -> None:
    """Wait for it, and no longer than SETTLE: what is not so then is for the checker to find."""
    end = time.monotonic() + SETTLE
    pause = threading.Event()
    while not is_so() and time.monotonic() < end:
        pause.wait(LOOK_EVERY)


def _not_started_since(cluster: Cluster, instant: datetime) -> Sequence[str]:
    """The scheduled jobs of which no occurrence after the instant has started."""
    last = func.max(background_job.c.nominal_start)
    query = select(background_job.c.name).where(background_job.c.scheduled_job.is_not(None))
    query = query.group_by(background_job.c.name).having(last < instant)
    return cluster.ask(lambda tx: list(tx.execute(query).scalars()))
