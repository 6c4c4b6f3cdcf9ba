"""Updates by a saved plan, and back to an earlier revision: killed anywhere, two at once, while jobs are due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rota.app.context import Context
from rota.app.rollback import rollback
from rota.model.background_job import BackgroundJob
from rota.model.errors import RotaError, StalePlan
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed
from rota.runtime.clock import SystemClock
from rota.store import Store, background_jobs, scheduled_jobs, schema
from rota.store.background_jobs import Filter
from tests.chaos.processes import EngineProcess
from tests.support.beside import Side
from tests.support.starts import require_every_second
from tests.support.updates import (
    FIRST,
    SECOND,
    apply_plan,
    definitions,
    kill_at_every_statement,
    make_and_apply,
    picture,
    roll_back,
    save_plan,
    update,
)
from tests.support.waiting import wait_for


@pytest.mark.parametrize(
    ("act", "applied", "then"), [("rollback", (FIRST, SECOND), FIRST), ("plan", (FIRST,), SECOND)], ids=["back", "plan"]
)
def test_a_kill_at_any_statement_leaves_the_old_or_the_new(
    store: Store, act: str, applied: tuple[Any, ...], then: Any
) -> None:
    for each in applied:
        update(store, each)
    before = picture(store)
    kill_at_every_statement(store.full_url, act, lambda: picture(store) == before)
    assert definitions(store) == {each.name: each.properties for each in then.definitions}
    assert len(picture(store)["rota_revision"]) == len(applied) + 1


def test_a_kill_while_the_database_is_made_leaves_it_without_anything_applied(database_url: str) -> None:
    """Of a database that is there or not, and whole where it is there: the next one goes on from that."""
    kill_at_every_statement(database_url, "make", lambda: nothing_is_applied(database_url), step=4)
    made = Store(database_url)
    assert definitions(made) == {each.name: each.properties for each in FIRST.definitions}
    assert len(picture(made)["rota_revision"]) == 1
    made.close()


def nothing_is_applied(url: str) -> bool:
    store = Store(url)
    try:
        schema.require_current(store)
    except RotaError as error:
        return "has no tables of Rota" in str(error)
    else:
        return not any(picture(store).values())
    finally:
        store.close()


def test_two_who_make_the_database_at_the_same_time_find_one(database_url: str) -> None:
    assert at_once(database_url, make_and_apply) == [1, 1]


def at_once(url: str, act: Callable[[Store], int]) -> list[int | str]:
    """What two are told who do it at the same time, each as another process has the database."""

    def once() -> int | str:
        own = Store(url)
        try:
            return act(own)
        except RotaError as error:
            return type(error).__name__
        finally:
            own.close()

    sides = [Side(once) for _ in range(2)]
    return sorted((side.result() for side in sides), key=str)


def test_of_two_who_carry_out_one_plan_one_does(store: Store) -> None:
    update(store, FIRST)
    saved = save_plan(store)
    assert at_once(store.full_url, lambda own: apply_plan(own, saved)) == [2, StalePlan.__name__]
    assert len(picture(store)["rota_revision"]) == 2


def test_of_two_who_go_back_none_goes_further(store: Store) -> None:
    update(store, FIRST)
    update(store, SECOND)
    told = at_once(store.full_url, roll_back)
    assert told in ([3, 3], [3, StalePlan.__name__])
    assert [row[2] for row in picture(store)["rota_revision"]] == [FIRST.digest, SECOND.digest, FIRST.digest]


def test_no_start_is_lost_or_repeated_while_revisions_come_and_go(
    apply: Callable[..., None], store: Store, start_engine: Callable[..., EngineProcess]
) -> None:
    every_second = {"days_repeat_period": 1, "repeat_period_in_day": "1s", "start_within": "1m"}
    tick = {"method": "trial_jobs:give", "executor": "thread", "schedule": every_second}
    begun = datetime.now(UTC)
    apply({"tick": tick, "other": {"method": "trial_jobs:give"}})
    apply({"tick": {**tick, "timeout": "1m", "description": "second"}})

    def runs() -> list[BackgroundJob]:
        with store.read() as tx:
            return background_jobs.select_jobs(tx, Filter(name="tick", newest=1000))[::-1]

    engine = start_engine().started()
    here = Context(store, SystemClock(), ADMINISTRATOR)
    revisions = 2
    while len([run for run in runs() if run.finished]) < 3:
        for number in (1, 2):
            assert rollback(here, number, Allowed(), code=False).revision == revisions + 1
            revisions += 1
    wait_for(lambda: len([run for run in runs() if run.finished]) >= 4, "a run after the last of them")
    assert engine.stop() == 0
    with store.read() as tx:
        assert scheduled_jobs.find(tx, "tick").missed == 0
    done = [(run.nominal_start, run.begin_at) for run in runs() if run.nominal_start and run.begin_at]
    assert len(done) == len(runs())
    assert min(done)[0] < begun + timedelta(seconds=60)
    require_every_second(done)
