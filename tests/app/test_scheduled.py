"""What can be done with one scheduled job costs the same among many as among few."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.app.facade import Platform
from rota.app.scheduled_handles import ScheduledJobHandle
from rota.model.errors import WrongState
from tests.support.effort import steps
from tests.support.statements import statements

FEW, MANY = 5, 60


def create(platform: Platform, name: str) -> ScheduledJobHandle:
    return platform.scheduled_jobs.create("report", name=name, parameters={"who": name})


ACTS: dict[str, Callable[[Platform, str], object]] = {
    "create": lambda platform, name: create(platform, f"more-{name}"),
    "get": lambda platform, name: platform.scheduled_jobs.get(name),
    "get in a configuration": lambda platform, name: platform.scheduled_jobs.get(f"shop/{name}"),
    "set": lambda platform, name: platform.scheduled_jobs.get(name).set(use=False),
    "reset": lambda platform, name: platform.scheduled_jobs.get(name).reset("use"),
    "start": lambda platform, name: platform.scheduled_jobs.get(name).start(),
    "delete": lambda platform, name: platform.scheduled_jobs.get(name).delete(),
}


def test_an_act_costs_the_same_among_many_jobs_as_among_few(platform: Platform) -> None:
    """Counted in statements and in steps of the database: a program that makes thousands does not get slower."""
    for number in range(FEW):
        create(platform, f"job-{number}")
    costs(platform, "job-0")  # what the first acts alone pay, such as reading the catalogue
    few = costs(platform, "job-1")
    for number in range(FEW, MANY):
        create(platform, f"job-{number}")
    many = costs(platform, f"job-{MANY - 1}")
    assert [said for said, _ in many.values()] == [said for said, _ in few.values()]
    grown = {act: (few[act][1], taken) for act, (_, taken) in many.items() if taken > few[act][1] * 1.3}
    assert not grown, "(steps among few, steps among many)"


def costs(platform: Platform, name: str) -> dict[str, tuple[int, int]]:
    """What each act on this job comes to, the last of which deletes it: (statements, steps of the database)."""
    store = platform._context.store
    found = {}
    for act, do in ACTS.items():
        with statements(store) as said, steps(store) as taken:
            do(platform, name)
        found[act] = len(said), len(taken)
    return found


def test_a_name_is_given_once(platform: Platform) -> None:
    create(platform, "for-anna")
    with pytest.raises(WrongState, match="there is a scheduled job 'for-anna' in configuration shop already"):
        create(platform, "for-anna")
    assert [job.name for job in platform.scheduled_jobs.find(name="for-*")] == ["for-anna"]
