"""Two configurations between which everything happens that an update can do, and the database's whole picture of them.

As a program, `python -m tests.support.updates URL ACT STEP` does an act again and again, each time in a process that
kills itself one statement later, or a STEP of several, until one lives to the end.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select

from rota.app.context import Context
from rota.app.rollback import rollback
from rota.app.updates import apply_all, apply_saved
from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.scheduled_job import ScheduledJob
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed
from rota.plan.saved import SavedPlans, save
from rota.reconcile.reconciler import Applied, apply, make_plan
from rota.schedule import Schedule
from rota.store import Store, configurations, scheduled_jobs, schema
from rota.store.tables import audit, configuration, definition, revision, scheduled_job
from rota.testing import SettableClock
from rota.testing.factories import make_configuration
from tests.support.store_process import Child, say
from tests.support.stored import NOW

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

LATER = NOW + timedelta(seconds=100)


def update(store: Store, desired: Configuration, allowed: Allowed | None = None, *, now: Any = NOW) -> Applied:
    return apply(store, desired, allowed or Allowed(), by="ann", now=lambda: now)


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


# The acts. What goes by documents needs configurations that have one.

_TICK = {"days_repeat_period": 1, "repeat_period_in_day": 60}
_DAY = {"days_repeat_period": 1, "begin_time": "06:00"}
FIRST = make_configuration(
    {
        "gone": {"method": "m:f", "schedule": _TICK},
        "old-name": {"method": "m:f", "schedule": _TICK},
        "retimed": {"method": "m:f", "schedule": _TICK},
        "template": {"method": "m:f", "predefined": False},
        "loses-its-job": {"method": "m:f", "schedule": _TICK},
    },
    name="shop",
    modules=["m"],
)
SECOND = make_configuration(
    {
        "new-name": {"method": "m:f", "renamed_from": "old-name", "schedule": _TICK},
        "retimed": {"method": "m:f", "schedule": _DAY, "timeout": "5m"},
        "template": {"method": "m:f"},
        "loses-its-job": {"method": "m:f", "schedule": _TICK, "predefined": False},
        "comes": {"method": "m:f", "parameters": {"a": [1]}},
    },
    name="shop",
    modules=["m"],
    description="the second one",
)


def apply_new(store: Store) -> None:
    update(store, NEW, now=LATER)


def roll_back(store: Store) -> int:
    """From SECOND to FIRST."""
    return rollback(Context(store, SettableClock(LATER), ADMINISTRATOR), 1, Allowed(), code=False).revision


def apply_plan(store: Store, saved: SavedPlans | None = None) -> int:
    """From FIRST to SECOND, by the plan."""
    (applied,) = apply_saved(Context(store, SettableClock(LATER), ADMINISTRATOR), [SECOND], saved or save_plan(store))
    return applied.revision


def save_plan(store: Store) -> SavedPlans:
    return save([make_plan(store, SECOND, Allowed(), now=LATER)], [SECOND.source], Allowed())


def make_and_apply(store: Store) -> int:
    """From no database to FIRST."""
    schema.upgrade(store)
    (applied,) = apply_all(Context(store, SettableClock(LATER), ADMINISTRATOR), [FIRST], Allowed())
    return applied.revision


ACTS: dict[str, Callable[[Store], object]] = {
    "apply": apply_new,
    "rollback": roll_back,
    "plan": apply_plan,
    "make": make_and_apply,
}


def kill_at_every_statement(url: str, act: str, is_as_before: Callable[[], bool], *, step: int = 1) -> None:
    """Have a process do it and die a statement later each time, or a `step`: until it is done nothing has changed."""
    with Child(url, act, str(step), module=__name__) as child:
        child.wait_ready()
        for kills in itertools.count():
            child.go()
            code = child.answer()
            if code == 0:
                break
            assert code == -signal.SIGKILL
            assert is_as_before(), f"killed at statement {kills * step + 1}"
    assert kills > 10, "an act of this size has more statements than that"


def act_and_die(act: str, url: str, at: int) -> None:
    """Do it; kill this process in place of its statement number `at`, where the commit is one too."""
    store = Store(url)
    statements = itertools.count(1)

    def count(*_: object) -> None:
        if next(statements) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store._engine, "before_cursor_execute", count)
    event.listen(store._engine, "commit", count)
    ACTS[act](store)
    os._exit(0)


def main(url: str, act: str, step: str) -> None:
    say("ready")
    for at in itertools.count(1, int(step)):
        if not sys.stdin.readline():
            return
        child = os.fork()
        if child == 0:
            act_and_die(act, url, at)
        _, status = os.waitpid(child, 0)
        say(json.dumps(os.waitstatus_to_exitcode(status)))


if __name__ == "__main__":
    main(*sys.argv[1:])
