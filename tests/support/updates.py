"""Two configurations between which everything happens that an update can do, and the database's whole picture of them.

As a program, `python -m tests.support.updates URL` applies NEW again and again, each time in a process that kills
itself one statement later, until one lives to the end.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event, select

from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.scheduled_job import ScheduledJob
from rota.plan import Allowed
from rota.reconcile.reconciler import Applied, apply
from rota.schedule import Schedule
from rota.store import Store, configurations, scheduled_jobs
from rota.store.tables import audit, configuration, definition, revision, scheduled_job
from tests.support.store_process import say
from tests.support.stored import NOW, SECOND

HOURLY = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 3600})
DAILY = Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"})


def job(name: str, **values: Any) -> Definition:
    return Definition(**({"name": name, "method": "m:f"} | values))


OLD = Configuration(
    name="shop",
    digest="old",
    definitions=(
        job("gone", schedule=HOURLY),
        job("old-name", schedule=HOURLY),
        job("retimed", schedule=HOURLY),
        job("switched-off", schedule=HOURLY),
        job("same", schedule=HOURLY),
        job("template", predefined=False),
        job("loses-its-job", schedule=HOURLY),
    ),
)

NEW = Configuration(
    name="shop",
    digest="new",
    description="the new one",
    executors=(ExecutorSpec(name="crawl", kind="thread", workers=2),),
    retention=Retention(age=1, count=1),
    document={"jobs": {"x": [1, None]}},
    definitions=(
        job("new-name", renamed_from="old-name", schedule=HOURLY),
        job("retimed", schedule=DAILY),
        job("switched-off", schedule=HOURLY, use=False),
        job("same", schedule=HOURLY),
        job("template"),
        job("loses-its-job", schedule=HOURLY, predefined=False),
        job("comes", parameters={"a": [1]}),
    ),
)

LATER = NOW + 100 * SECOND


def update(store: Store, desired: Configuration, allowed: Allowed | None = None, *, now: Any = NOW) -> Applied:
    return apply(store, desired, allowed or Allowed(), by="ann", now=now)


def picture(store: Store) -> dict[str, list[Any]]:
    """Every row of every table that an update writes."""
    tables = (configuration, revision, definition, scheduled_job, audit)
    with store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns))]
            for table in tables
        }


def jobs(store: Store, configuration: str = "shop") -> dict[str, ScheduledJob]:
    with store.read() as tx:
        return {each.name: each for each in scheduled_jobs.of_configuration(tx, configuration)}


def definitions(store: Store, configuration: str = "shop") -> dict[str, Any]:
    with store.read() as tx:
        return {each.name: each.properties for each in configurations.definitions(tx, configuration)}


def apply_and_die(url: str, at: int) -> None:
    """Apply NEW; kill this process in place of its statement number `at`, where the commit is one too."""
    store = Store(url)
    statements = itertools.count(1)

    def count(*_: object) -> None:
        if next(statements) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store._engine, "before_cursor_execute", count)
    event.listen(store._engine, "commit", count)
    update(store, NEW, now=LATER)
    os._exit(0)


def main(url: str) -> None:
    say("ready")
    for at in itertools.count(1):
        if not sys.stdin.readline():
            return
        child = os.fork()
        if child == 0:
            apply_and_die(url, at)
        _, status = os.waitpid(child, 0)
        say(json.dumps(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main(sys.argv[1])
