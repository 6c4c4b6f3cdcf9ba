"""The short form of the chaos runs: each kind of fault once, on SQLite and with three nodes on PostgreSQL.

The long form is a command: `python -m tests.chaos`. The seed is fixed: what is found by another belongs there.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.chaos.campaign import faults_for, run
from tests.chaos.faults import FAULTS
from tests.support.postgres import PostgresServer

SEED = 20300101
LEASE = 1.0
STEPS = (-90, 8)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_engine_on_sqlite(database_url: str, tmp_path: Path) -> None:
    count = len([fault for fault in FAULTS if "sqlite" in fault.on])
    done = run(database_url, tmp_path / "run", faults=count, nodes=1, seed=SEED, lease=LEASE, steps=STEPS, say=print)
    assert done.violations == ()
    assert len({struck.name for struck in done.struck}) == count


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_three_nodes_on_postgresql(database_url: str, postgres_server: PostgresServer, tmp_path: Path) -> None:
    count = len([fault for fault in FAULTS if "postgresql" in fault.on])
    done = run(
        database_url,
        tmp_path / "run",
        faults=count,
        nodes=3,
        seed=SEED,
        lease=LEASE,
        steps=STEPS,
        server=postgres_server,
        say=print,
    )
    assert done.violations == ()
    assert len({struck.name for struck in done.struck}) == count


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_seed_decides_what_is_struck_and_every_kind_is_struck_as_often(kind: str) -> None:
    first, again, other = (faults_for(kind, 100, Random(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    times = Counter(fault.name for fault in first)
    assert set(times) == {fault.name for fault in FAULTS if kind in fault.on}
    assert max(times.values()) - min(times.values()) <= 1
