"""Reloading: keeps a database, and the code that its jobs run, at what the files say while an engine runs.

A service beside those of the engine (docs/reloading.md). A file event only says that it is time to look; a look reads
everything, at the cost of what changed. What is in force is always the last state of the files that was good as a
whole, configuration and code together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from rota.app import rights
from rota.app.context import Context
from rota.app.followed import Followed
from rota.app.origins import origin_of
from rota.app.readiness import ready_database
from rota.app.surroundings import Surroundings
from rota.app.validation import FileLoader, require_valid
from rota.configuration.load import Loaded
from rota.configuration.survey import Survey
from rota.model.acts import Act
from rota.model.definition import Configuration
from rota.model.errors import ConfigurationError, LastingError
from rota.model.event import Announce, Event, Name
from rota.model.problem import Problem
from rota.model.revision import Origin
from rota.plan import Allowed
from rota.reconcile.reconciler import apply, make_plan, refuse
from rota.runtime.pinned_code import pin
from rota.runtime.service import Pass

BEFORE_DELETING = 1.0
"""Seconds for which files must have been still before jobs that are gone are deleted: a checkout may be half done."""


@dataclass
class _InForce:
    """What the reloader has brought about: configurations by name, and the code as it was seen then."""

    configurations: dict[str, Configuration] = field(default_factory=dict)
    code: Mapping[str, Any] | None = None
    warnings: frozenset[tuple[Any, ...]] = frozenset()

    @property
    def sources(self) -> list[str]:
        """Where the configurations come from."""
        return [configuration.source for configuration in self.configurations.values()]


class Reloader:
    """Follows the configurations that `paths` name. `tell` hears of everything; `poll`: no events are waited for."""

    def __init__(
        self,
        context: Context,
        paths: Sequence[Path],
        tell: Announce,
        *,
        surroundings: Surroundings,
        code: bool = True,
        poll: bool = False,
    ) -> None:
        self._context = context
        self._paths = paths
        self._tell = tell
        self._loader = FileLoader(paths, code=code, surroundings=surroundings)
        self._followed = Followed(paths, context.clock, self._look_soon, poll=poll)
        self._seen: Survey | None = None
        self._checked: Mapping[str, Any] = {}
        """The code, as it was seen before methods were last checked against it."""
        self._in_force = _InForce()
        self._was_refused = False
        self.wake: Callable[[], None] = _nobody
        """To be set to what has `run_once` called soon. Safe from any thread."""

    def begin(self, *, tolerant: bool = False) -> None:
        """The first look, before the engine starts. Raises what `apply` raises, or if `tolerant` tells it."""
        ready_database(self._context)
        rights.require(self._context, Act.CONFIGURATION_APPLY)
        look = self.run_once if tolerant else self._look
        while self._seen is None:
            look()
        followed = self._followed
        paths = [str(path) for path in self._paths]
        self._say(Name.FILES_FOLLOWED, paths=paths, events=followed.has_events, every=followed.every)

    def run_once(self) -> Pass:
        """Look, and if anything changed, bring it into force or tell what is wrong with it."""
        try:
            return self._look()
        except ConfigurationError as error:
            self._refuse(str(error), error.problems)
        except LastingError as error:
            self._refuse(str(error))
        return self._next(changed=1)

    def _look(self) -> Pass:
        if self._followed.is_told:
            self._loader.load()  # what is found while the save is given time to end is not to be found after it
        seen = self._followed.look()
        before = self._seen
        if before is not None and (before.configuration, before.code) == (seen.configuration, seen.code):
            return self._next()
        if seen.code != self._checked:
            self._loader.forget_code()
            self._checked = seen.code
        try:
            wait = self._bring_into_force(seen)
        except LastingError:
            self._seen = seen  # the same again would be wrong again
            raise
        if wait is not None:
            return self._next(wait)
        self._seen = seen
        return self._next(changed=1)

    def close(self) -> None:
        """No more looks."""
        self._followed.close()

    def _next(self, seconds: float | None = None, *, changed: int = 0) -> Pass:
        wait = self._followed.every if seconds is None else seconds
        return Pass({"changed": changed}, self._context.now() + timedelta(seconds=wait))

    def _bring_into_force(self, seen: Survey) -> float | None:
        """Returns after how many seconds to look again, where it is too early to say what the files mean."""
        with ThreadPoolExecutor(max_workers=1) as beside:  # git may take its time, and is not waited for until the end
            origins = {source: beside.submit(origin_of, source) for source in self._in_force.sources}
            loaded = self._loader.load()
            if self._follow_code(loaded):
                return 0.0
            configurations = require_valid(loaded)
            if self._deletes(configurations) and (rest := BEFORE_DELETING - self._followed.stillness.seconds) > 0:
                return rest
            self._require_possible(configurations, seen)
            if not self._use_code(seen):
                return 0.0
            for each in configurations:
                known = origins.get(each.source)
                self._apply(each, known.result() if known else origin_of(each.source))
        self._warn(loaded)
        self._was_refused = False
        return None

    def _deletes(self, configurations: Sequence[Configuration]) -> bool:
        """Whether a job that is in force is declared no more."""
        declared = {each.name: each for each in configurations}
        return any(
            name not in declared or each.by_name.keys() - declared[name].by_name.keys()
            for name, each in self._in_force.configurations.items()
        )

    def _require_possible(self, configurations: Sequence[Configuration], seen: Survey) -> None:
        """Raise what keeps an update from being applied, where something else would have come into force before it."""
        before = self._in_force
        if before.code is None or (before.code == seen.code and len(configurations) == 1):
            return
        context = self._context
        for each in configurations:
            known = before.configurations.get(each.name)
            refuse(make_plan(context.store, each, Allowed(), now=context.now(), known=known))

    def _follow_code(self, loaded: Sequence[Loaded]) -> bool:
        """Follow the code of these configurations; returns whether that is more or less than was looked at."""
        before = self._followed.import_path
        self._followed.import_path = tuple(dict.fromkeys(folder for each in loaded for folder in each.import_path))
        return self._followed.import_path != before

    def _use_code(self, seen: Survey) -> bool:
        """Let later jobs run the code that was found good; false if it has changed meanwhile."""
        before = self._in_force.code
        if before == seen.code:
            return True
        sources = self._followed.sources(seen)
        if sources is None:
            return False
        failure = pin(sources)
        self._in_force.code = seen.code
        if failure is not None:
            self._say(Name.CODE_REFUSED, reason=failure)
        elif before is not None:
            changed = {file for file, _ in seen.code.items() ^ before.items()}
            self._say(Name.CODE_CHANGED, files=len(changed))
        return True

    def _apply(self, desired: Configuration, origin: Origin) -> None:
        context, in_force = self._context, self._in_force.configurations
        rights.require(context, Act.CONFIGURATION_APPLY)
        known = in_force.get(desired.name)
        applied = apply(
            context.store, desired, Allowed(), by=context.user, now=context.now, origin=lambda: origin, known=known
        )
        context.roots[desired.name] = desired.root
        plan = applied.plan
        if not plan.is_empty or plan.digest == plan.from_digest:
            in_force[desired.name] = desired
        if not plan.is_empty or self._was_refused or self._seen is None:
            self._say(Name.CONFIGURATION_APPLIED, name=desired.name, revision=applied.revision, plan=plan)

    def _warn(self, loaded: Sequence[Loaded]) -> None:
        """Tell of the warnings that were not there before."""
        warnings = [problem for each in loaded for problem in each.warnings]
        new = [problem for problem in warnings if _said(problem) not in self._in_force.warnings]
        self._in_force.warnings = frozenset(_said(problem) for problem in warnings)
        if new:
            self._say(Name.CONFIGURATION_WARNED, problems=new)

    def _refuse(self, reason: str, problems: Sequence[Problem] = ()) -> None:
        self._was_refused = True
        self._say(Name.CONFIGURATION_REFUSED, reason=reason, problems=problems)

    def _look_soon(self) -> None:
        self.wake()

    def _say(self, event: Name, **facts: Any) -> None:
        self._tell(Event(event, self._context.now(), facts))


def _said(problem: Problem) -> tuple[str | None, str, str, str]:
    """What makes a warning the same as before, though it may stand on another line now."""
    return (problem.file, problem.path, problem.code, problem.message)


def _nobody() -> None:
    """Called before anybody set what is to be woken."""
