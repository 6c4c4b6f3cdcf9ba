"""The faults: each is struck, held, and over when `strike` returns. Random choices come from the seeded generator.

A fault sees to it that it strikes: it waits until the engine has noticed where there is something to notice.
"""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from random import Random

import psutil

from tests.chaos.cluster import Cluster
from tests.support.waiting import wait_for

Strike = Callable[[Cluster, Random], None]


@dataclass(frozen=True)
class Fault:
    """A kind of fault: what the report calls it, how it strikes, and on which database."""

    name: str
    strike: Strike
    on: tuple[str, ...] = ("sqlite", "postgresql")


def kill_engine(cluster: Cluster, choose: Random) -> None:
    """Kill -9, and another engine in its place: at once, or after the others have noticed."""
    place = cluster.any_place(choose)
    cluster.engines[place].kill()
    cluster.pause(choose.choice([0, choose.uniform(0, 2 * cluster.lease)]))
    cluster.start_engine(place)


def kill_every_engine(cluster: Cluster, choose: Random) -> None:
    """Kill -9 of all of them at once, and others in their places."""
    for engine in cluster.engines:
        engine.kill()
    cluster.pause(choose.uniform(0, cluster.lease))
    for place in range(len(cluster.engines)):
        cluster.start_engine(place)


def stop_engine(cluster: Cluster, choose: Random) -> None:
    """SIGTERM, as in an update, and another engine in its place. Jobs that do not end in time are handed back."""
    place = cluster.any_place(choose)
    cluster.stop_engine(place)
    cluster.start_engine(place)


def kill_worker(cluster: Cluster, choose: Random) -> None:
    """Kill -9 of a process in which methods run."""
    found = wait_for(lambda: _workers(cluster), "a worker process")
    victim = choose.choice(sorted(found, key=lambda worker: worker.pid))
    with suppress(psutil.NoSuchProcess):
        victim.kill()
        victim.wait(timeout=10)


def kill_client(cluster: Cluster, choose: Random) -> None:
    """Kill -9 of a program that starts jobs, and another in its place."""
    cluster.replace_client(choose)


def freeze_engine(cluster: Cluster, choose: Random) -> None:
    """SIGSTOP for longer than a lease, until others take it for dead; then SIGCONT, and it is a zombie."""
    engine = cluster.engines[cluster.any_place(choose)]
    # After an outage it may have given up its place; who is not a node yet is none that could be found lost.
    wait_for(lambda: cluster.is_node(engine), "the engine to be a node")
    lost = cluster.nodes_lost()
    engine.send(signal.SIGSTOP)
    try:
        cluster.pause(choose.uniform(1.2, 2) * cluster.lease)
        if len(cluster.engines) > 1:
            wait_for(lambda: cluster.nodes_lost() > lost, "the frozen node to be found lost")
    finally:
        engine.send(signal.SIGCONT)


def kill_server(cluster: Cluster, choose: Random) -> None:
    """Kill -9 of every process of PostgreSQL, as a power cut would, and start it again."""
    cluster.postgresql.kill()
    cluster.pause(choose.uniform(0, 1.5) * cluster.lease)
    cluster.postgresql.start()


def restart_server(cluster: Cluster, choose: Random) -> None:
    """PostgreSQL's immediate shutdown: every connection ends, nothing is tidied up; and start it again."""
    cluster.postgresql.stop(signal.SIGQUIT)
    cluster.pause(choose.uniform(0, 1))
    cluster.postgresql.start()


def cut_connections(cluster: Cluster, _choose: Random) -> None:
    """Every connection to the database is cut, in whatever statement it is."""
    assert cluster.tell(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ), "there was nothing to cut"


def fill_disk(cluster: Cluster, choose: Random) -> None:
    """No room for what engines write.

    An ordinary user cannot fill a disk that others use. On SQLite the files of the engine's process must not grow
    beyond 16 KiB: its writes fail or end half-way, and SQLite says that the disk reports an error. PostgreSQL refuses
    every change with the error that it gives when it cannot extend a file.
    """
    troubles, workers = _troubles(cluster), _workers(cluster)
    _set_full(cluster, full=True)
    try:
        cluster.pause(choose.uniform(0.5, 1.5) * cluster.lease)
        wait_for(lambda: _troubles(cluster) > troubles, "an engine to find no room")
    finally:
        _set_full(cluster, full=False)
    if cluster.kind == "sqlite":
        for worker in _workers(cluster) - workers:
            worker.kill()  # it has inherited the limit, and would keep it


def _set_full(cluster: Cluster, *, full: bool) -> None:
    if cluster.kind == "postgresql":
        cluster.tell(f"UPDATE chaos_disk SET is_full = {full}")
    else:
        cluster.engines[0].order("room 16384" if full else "room")


def _troubles(cluster: Cluster) -> int:
    """How often engines could not reach the database or write to it."""
    return sum(engine.log.count("service.troubled") for engine in cluster.engines)


def _workers(cluster: Cluster) -> set[psutil.Process]:
    return {worker for engine in cluster.engines for worker in engine.workers()}


def hold_write_lock(cluster: Cluster, choose: Random) -> None:
    """Another program has SQLite's write lock, for longer than a statement waits or shorter."""
    with closing(sqlite3.connect(str(cluster.store.file), isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        cluster.pause(choose.choice([1, 6]))
        other.execute("ROLLBACK")


def step_clock(cluster: Cluster, choose: Random) -> None:
    """An engine's clock jumps. One of several nodes keeps it until it is stepped again: they are minutes apart.

    It is the clock of the engine's process that is set, since an ordinary user cannot set the machine's.
    """
    engine = cluster.engines[cluster.any_place(choose)]
    engine.order(f"clock {choose.choice(cluster.steps)}")
    cluster.pause(choose.uniform(1, 3))
    if len(cluster.engines) == 1:
        engine.order("clock 0")  # what is due by the true time would wait for as long as the clock is behind


FAULTS = (
    Fault("engine killed", kill_engine),
    Fault("engine stopped and replaced", stop_engine),
    Fault("worker killed", kill_worker),
    Fault("client killed", kill_client),
    Fault("engine frozen past its lease", freeze_engine),
    Fault("disk full", fill_disk),
    Fault("clock stepped", step_clock),
    Fault("write lock held by another program", hold_write_lock, on=("sqlite",)),
    Fault("server killed", kill_server, on=("postgresql",)),
    Fault("server restarted at once", restart_server, on=("postgresql",)),
    Fault("every engine killed", kill_every_engine, on=("postgresql",)),
    Fault("connections cut", cut_connections, on=("postgresql",)),
)
