"""A year of real jobs: imported, validated, applied, and walked through by the real scheduler on a real database, while
an oracle foretells every start and every miss.

What happens is drawn from a stated seed: how long each run takes, in each month an outage of six hours, stopped cleanly
or crashed, and a lock of some hours, and now and then somebody else who has a job's key. The time is simulated, runs do
nothing, and the database does not wait for the disk; all else is as it is in use.

A job that starts every 15 seconds does so two million times a year, at two milliseconds each. So what starts at most
once an hour is walked through the whole year, in UTC and in Berlin, and everything through some hours of it: the two
nights in which clocks change, a lock, and a crash. With `--thorough` everything is walked through all of it, for hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import event

from rota.app import scheduled
from rota.app.context import Context
from rota.configuration.load import load
from rota.importers.imported import require_valid
from rota.importers.onec import read_onec
from rota.importers.writing import write
from rota.model.scheduled_job import ScheduledJob
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed
from rota.reconcile.reconciler import apply
from rota.store import Store, configurations, scheduled_jobs
from rota.store.missed_notes import Missed
from rota.testing import SettableClock, apply_configuration, make_store
from tests.proof.foretelling import Foretold, Start, foretell
from tests.proof.stretches import STRETCHES, THOROUGH, Stretch, story
from tests.proof.walk import Walk
from tests.schedule import oracle
from tests.support.onec import REAL, write_dump
from tests.support.trial import trial_jobs

EVERY_DAY = {"days_repeat_period": 1}

OWN: dict[str, Any] = {
    "brief": {**EVERY_DAY, "begin_time": "06:00", "repeat_period_in_day": "6h", "start_within": "1m"},
    "nights": {
        **EVERY_DAY,
        "weeks_period": 2,
        "week_days": ["wed", "sat"],
        "begin_time": "22:00",
        "end_time": "02:30",
        "repeat_period_in_day": "1h",
        "repeat_pause": "40m",
    },
    "last-day": {**EVERY_DAY, "day_in_month": -1, "begin_time": "02:30", "start_within": "1m"},
    "second-wednesday": {**EVERY_DAY, "week_day_in_month": 2, "week_days": ["wed"], "begin_time": "09:00"},
    "union": [
        {"days_repeat_period": 3, "begin_time": "02:15", "repeat_period_in_day": "7h", "start_within": "10m"},
        {"days_repeat_period": 2, "begin_time": "02:15", "repeat_period_in_day": "5h", "completion_time": "20:00"},
    ],
}
"""Beside the imported jobs, for what those do not have: other day rules, brief windows, a union. Each has a key."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stretch" in metafunc.fixturenames:
        chosen = STRETCHES + (THOROUGH if metafunc.config.getoption("thorough") else [])
        metafunc.parametrize("stretch", chosen, ids=lambda each: f"{each.name}-{each.zone}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database that does not wait for the disk: nobody pulls the plug here."""
    store = make_store(f"sqlite:///{tmp_path}/rota.db")
    event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    store._engine.dispose()  # connections that are open already
    yield store
    store.close()


def test_every_start_and_every_miss_is_the_one_foretold(store: Store, tmp_path: Path, stretch: Stretch) -> None:
    clock = SettableClock(stretch.begin)
    bring_in(store, tmp_path, stretch)
    jobs = switch_on(Context(store, clock, ADMINISTRATOR), stretch)
    found = {job.id: occurrences(job, stretch) for job in jobs}
    stories = {
        job.id: story(stretch, job.name, period(job), found[job.id], has_key=bool(job.effective("key"))) for job in jobs
    }
    walk = Walk(store, clock, {job.id: job for job in jobs}, stories)

    walk.until(stretch.end)

    for job in jobs:
        compare(job, foretell(found[job.id], stories[job.id]), walk.starts[job.id], walk.misses[job.id])
    assert walk.starts


def bring_in(store: Store, folder: Path, stretch: Stretch) -> None:
    """The foreign jobs, as they are imported and applied, and our own beside them."""
    imported = read_onec(REAL if REAL.is_dir() else write_dump(folder / "shop"), timezone=stretch.zone)
    require_valid(imported)
    write(imported, folder / "imported")
    [loaded] = load([folder / "imported"])
    assert loaded.configuration is not None, loaded.errors
    apply(store, loaded.configuration, Allowed(), by=ADMINISTRATOR, now=lambda: stretch.begin)
    method = {"method": "trial_jobs:give", "executor": "process"}
    own = {name: {**method, "key": name, "schedule": schedule} for name, schedule in OWN.items()}
    facts = {"timezone": stretch.zone, "modules": ["trial_jobs"], "path": [trial_jobs.FOLDER]}
    apply_configuration(store, own, now=stretch.begin, name="own", **facts)


def switch_on(context: Context, stretch: Stretch) -> list[ScheduledJob]:
    """One scheduled job of every definition, be it a template, in use if it is one of the stretch's."""
    with context.store.read() as tx:
        homes = configurations.applied(tx)
        templates = [
            f"{home.name}/{each.name}"
            for home in homes
            for each in configurations.definitions(tx, home.name)
            if not each.properties["predefined"]
        ]
    for template in templates:
        scheduled.create(context, template, template.partition("/")[2], {"use": True})
    with context.store.read() as tx:
        jobs = scheduled_jobs.all_jobs(tx)
    chosen = [job for job in jobs if period(job) >= stretch.period]
    for job in jobs:
        if job.use != (job in chosen):
            scheduled.override(context, f"{job.configuration}/{job.name}", {"use": job in chosen})
    return chosen


def members(job: ScheduledJob) -> list[dict[str, Any]]:
    data: Any = job.effective("schedule") or []
    return data if isinstance(data, list) else [data]


def period(job: ScheduledJob) -> int:
    """Seconds between two starts: the least, or a day where none is repeated within it."""
    return min((each.get("repeat_period_in_day", 86_400) for each in members(job)), default=86_400)


def occurrences(job: ScheduledJob, stretch: Stretch) -> list[oracle.Expected]:
    """What the rules alone give the job, switched on as the stretch begins."""
    return oracle.occurrences(members(job), stretch.begin, stretch.end)


def compare(job: ScheduledJob, foretold: Foretold, starts: list[Start], notes: list[Missed]) -> None:
    """Every start with its instant, and every note of misses: each foretold miss is in exactly one of them."""
    about = f"{job.name}:\n{yaml.safe_dump(members(job))}"
    for expected, happened in zip(foretold.starts, starts, strict=False):
        assert happened == expected, about
    assert starts == foretold.starts, about
    missed = [each for each in foretold.missed if each <= foretold.settled]
    told = [note for note in notes if note.last_start <= foretold.settled]
    for note in told:
        noted, missed = missed[: note.count], missed[note.count :]
        assert (note.first_start, note.last_start, note.count) == (noted[0], noted[-1], len(noted)), about
    assert missed == [], about
