"""A small shop for journeys: a folder with a configuration, its methods and a database, used through the real CLI."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rota import connect
from rota.app.methods import _load
from rota.app.settings import Settings
from rota.app.updates import apply_all
from rota.app.validation import require_valid, validate
from rota.app.wiring import make_context
from rota.plan import Allowed
from rota.store import Store, schema
from tests.support.command_line import rota
from tests.support.running import Running

HEADER = """\
rota: 1
configuration: {name: NAME, timezone: Europe/Berlin, modules: [shop_jobs]}
jobs:
"""

JOBS = """\
  rates:
    description: Load the rates
    method: shop_jobs:load
    parameters: {currencies: [USD, GBP]}
    key: rates
    schedule: {days_repeat_period: 1, begin_time: "03:00"}
  report:
    method: shop_jobs:report
    predefined: false
  backup:
    command: [sh, -c, "echo saved; echo careful >&2"]
    schedule: {cron: "30 4 * * *"}
"""

METHODS = '''\
import datetime
import os
import pathlib
import time

from rota import current_job

def load(currencies: list[str]) -> dict:
    current_job.progress(0.5, "half way")
    for each in currencies:
        current_job.output({"loaded": each})
    print("first\\nsecond")
    return {"count": len(currencies)}

def report(who: str, day: datetime.date | None = None, pages: int = 1) -> str:
    return f"{who} {day!r} {pages + 1}"

def fails():
    raise ValueError("no bank today")

def wait_for(file: str) -> str:
    """Runs until the file exists, or it is told to stop."""
    while not pathlib.Path(file).exists():
        time.sleep(0.02)
    return "found"

def stubborn(file: str):
    """Ignores every wish to stop once the file exists."""
    pathlib.Path(file).touch()
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
'''


@contextmanager
def shop_in_this_process(folder: Path, database: str) -> Iterator[Shop]:
    """An applied shop whose module is imported into this process, and does not stay."""
    store = Store(database)
    schema.upgrade(store)
    store.close()
    made = Shop(folder, database)
    made.apply()
    path = list(sys.path)
    yield made
    sys.path[:] = path
    sys.modules.pop("shop_jobs", None)
    _load.cache_clear()


class Shop:
    """Everything happens in `folder`; `database` is a URL."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.database = database
        self.code(METHODS)
        self.jobs(JOBS)

    @property
    def file(self) -> Path:
        return self.folder / "shop" / "jobs.yaml"

    def jobs(self, text: str, *, folder: str = "shop") -> None:
        """Write the jobs of a configuration, which has its folder's name."""
        place = self.folder / folder
        place.mkdir(exist_ok=True)
        (place / "jobs.yaml").write_text(HEADER.replace("NAME", folder) + (text or "  {}\n"))

    def code(self, text: str) -> None:
        (self.folder / "shop").mkdir(exist_ok=True)
        (self.folder / "shop" / "shop_jobs.py").write_text(text)

    def apply(self, folder: str = "shop", *, empty: bool = False) -> None:
        """Apply a configuration in this process: the short way where applying is not what a test is about."""
        context = make_context(Settings(database=self.database))
        apply_all(context, require_valid(validate([self.folder / folder], code=False)), Allowed(empty=empty))
        context.store.close()

    def job(self, selector: str) -> dict[str, Any]:
        """A background job, read in this process."""
        with connect(self.database) as platform:
            return platform.background_jobs.get(selector).to_data()

    def job_list(self) -> list[dict[str, Any]]:
        with connect(self.database) as platform:
            return [job.to_data() for job in platform.background_jobs.list()]

    def scheduled(self, selector: str) -> dict[str, Any]:
        """A scheduled job, read in this process."""
        with connect(self.database) as platform:
            return platform.scheduled_jobs.get(selector).to_data()

    def names(self) -> list[str]:
        """The names of the scheduled jobs."""
        with connect(self.database) as platform:
            return [job.name for job in platform.scheduled_jobs.find()]

    def start_scheduled(self, name: str) -> None:
        with connect(self.database) as platform:
            platform.scheduled_jobs.get(name).start()

    def rota(
        self, *arguments: str | Path, code: int = 0, before: Callable[[], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and insist on its exit code; there is never a traceback."""
        done = rota(*arguments, database=self.database, cwd=self.folder, before=before)
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.rota(*arguments, "--format", "json", code=code).stdout)

    def engine(self, *arguments: str) -> Running:
        """An engine that runs beside the test."""
        return Running("run", *arguments, database=self.database, cwd=self.folder)

    def running(self, *arguments: str) -> Running:
        return Running(*arguments, database=self.database, cwd=self.folder)
