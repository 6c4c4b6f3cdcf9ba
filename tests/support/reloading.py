"""A reloader at work in this process, as a service beside no engine, on real files and a real database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rota.app.context import Context
from rota.app.reloading import Reloader
from rota.app.settings import Settings
from rota.app.surroundings import Surroundings
from rota.app.wiring import make_context
from rota.model.errors import TemporaryError
from rota.model.event import Event, Name
from rota.runtime.service import Service
from rota.runtime.timer import SystemTimer
from rota.store import configurations, scheduled_jobs
from tests.support.waiting import wait_for

HEADER = "rota: 1\nconfiguration: {name: shop, modules: [reloaded_jobs]}\n"


def jobs(**keys: str) -> str:
    """A file of jobs, each with a key by which its version is known."""
    lines = (
        f"  {name.replace('_', '-')}: {{command: [echo], use: false, key: '{key}'}}\n" for name, key in keys.items()
    )
    return "rota: 1\njobs:\n" + "".join(lines)


@dataclass
class Reloading:
    """What it said, and what it brought about."""

    context: Context
    events: list[Event]
    failures: list[BaseException]

    def keys(self) -> dict[str, Any]:
        """The key of every definition in force."""
        with self.context.store.read() as tx:
            return {each.name: each.properties["key"] for each in configurations.definitions(tx, "shop")}

    def scheduled(self) -> Mapping[str, Any]:
        with self.context.store.read() as tx:
            return {each.name: each for each in scheduled_jobs.of_configuration(tx, "shop")}

    def wait_for_keys(self, **keys: str) -> None:
        """Wait until these are in force, and no others."""
        wanted = {name.replace("_", "-"): key for name, key in keys.items()}
        wait_for(lambda: self.keys() == wanted, f"{wanted}, {self.events[-1:]}")

    def said(self, name: Name) -> list[Mapping[str, Any]]:
        """The facts of the events of this name."""
        return [event.facts for event in self.events if event.name is name]

    def wait_for_said(self, name: Name, count: int = 1) -> Mapping[str, Any]:
        wait_for(lambda: len(self.said(name)) >= count, f"{count} of {name}")
        return self.said(name)[count - 1]


@contextmanager
def reloading(path: Path, database: str, *, poll: bool = False) -> Iterator[Reloading]:
    """Follow the configuration at `path` while inside."""
    context = make_context(Settings(database=database))
    made = Reloading(context, [], [])
    reloader = Reloader(context, [path], made.events.append, surroundings=Surroundings(), poll=poll)
    timer = SystemTimer(context.clock)
    service = Service(
        "reloader",
        reloader.run_once,
        clock=context.clock,
        timer=timer,
        temporary=TemporaryError,
        on_trouble=lambda _name, _error: None,
        on_recovery=lambda _name: None,
        on_failure=lambda _name, error: made.failures.append(error),
    )
    reloader.wake = service.wake
    reloader.begin(tolerant=True)
    timer.start()
    service.start()
    try:
        yield made
        assert made.failures == []
    finally:
        reloader.close()
        service.stop()
        timer.stop()
        context.store.close()
