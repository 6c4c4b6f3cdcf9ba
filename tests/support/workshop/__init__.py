"""A workshop: jobs to receive from, to wait for and with children, on a platform with an engine in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rota.app.context import Context
from rota.app.facade import Platform
from rota.model.users import ADMINISTRATOR
from rota.runtime.clock import SystemClock
from rota.store import Store
from rota.testing import apply_configuration

FOLDER = str(Path(__file__).parent)

EXECUTORS = {
    "five-threads": {"kind": "thread", "workers": 5},
    "five-processes": {"kind": "process", "workers": 5},
    "two-threads": {"kind": "thread", "workers": 2},
}


def make_platform(store: Store, user: str = ADMINISTRATOR, **header: Any) -> Platform:
    """A platform on an open database with the workshop's configuration applied; `header` is more of it."""
    clock = SystemClock()
    jobs = {
        "idle": {"method": "work_jobs:give"},
        "seven": {"method": "work_jobs:give", "parameters": {"value": 7}},
        "held": {"method": "work_jobs:hold", "parameters": {"file": "/"}, "executor": "two-threads"},
    }
    header = {"modules": ["work_jobs"], "path": [FOLDER], "executors": EXECUTORS, **header}
    apply_configuration(store, jobs, now=clock.now(), name="workshop", **header)
    return Platform(Context(store, clock, user))
