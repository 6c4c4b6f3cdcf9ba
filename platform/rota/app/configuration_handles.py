"""`platform.configurations`: what is applied, what was, and how one becomes the other."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rota.app import rights
from rota.app.context import Context
from rota.app.surroundings import Surroundings
from rota.model.acts import Act
from rota.model.revision import Revision
from rota.store import configurations
from rota.store.configurations import AppliedConfiguration

if TYPE_CHECKING:
    from rota.app.drift import Drift
    from rota.model.definition import Configuration
    from rota.plan import Plan
    from rota.reconcile.reconciler import Applied

PathLike = str | os.PathLike[str]


class Configurations:
    """The configurations of a platform.

    `environment` and `variables` say what files are read for. `code` asks for methods to be imported and checked.
    `allow_empty`, `delete_scheduled_jobs` and `max_deletes` are what an update may do beyond the ordinary: see
    `rota apply`.
    """

    # Reading configurations takes time to import that a program without any need not spend.

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(self) -> list[AppliedConfiguration]:
        """What is applied, by name."""
        rights.require(self._context, Act.CONFIGURATION_SEE)
        with self._context.store.read() as tx:
            return configurations.applied(tx)

    def plan(
        self,
        *paths: PathLike,
        environment: str | None = None,
        variables: Mapping[str, str] | None = None,
        code: bool = True,
        allow_empty: bool = False,
        delete_scheduled_jobs: bool = False,
        max_deletes: int | None = None,
        out: PathLike | None = None,
    ) -> Sequence[Plan]:
        """What applying the files or folders would do. Changes nothing; kept in the file `out` if it can be applied.

        Raises `ConfigurationError`.
        """
        from rota.app import checked, plan_files
        from rota.app.updates import plan_all
        from rota.app.validation import loader_of, require_valid
        from rota.plan import Allowed
        from rota.plan.saved import save

        surroundings = Surroundings(environment, variables or {})
        loader = loader_of([Path(path) for path in paths], code=code, surroundings=surroundings)
        desired = require_valid(loader.load())
        allowed = Allowed(empty=allow_empty, delete_scheduled_jobs=delete_scheduled_jobs, max_deletes=max_deletes)
        plans = plan_all(self._context, desired, allowed)
        if out is not None and not any(plan.refusals for plan in plans):
            saved = save(plans, [each.source for each in desired], allowed)
            plan_files.write(Path(out), checked.sealed(saved, loader.inputs(), desired))
        return plans

    def apply(
        self,
        *paths: PathLike,
        environment: str | None = None,
        variables: Mapping[str, str] | None = None,
        code: bool = True,
        allow_empty: bool = False,
        delete_scheduled_jobs: bool = False,
        max_deletes: int | None = None,
    ) -> Sequence[Applied]:
        """Bring the database to the files or folders, each configuration whole or not at all.

        Raises `ConfigurationError` and `UpdateRefused`.
        """
        from rota.app.updates import apply_all
        from rota.plan import Allowed

        allowed = Allowed(empty=allow_empty, delete_scheduled_jobs=delete_scheduled_jobs, max_deletes=max_deletes)
        return apply_all(self._context, _valid(paths, environment, variables, code=code), allowed)

    def apply_plan(
        self,
        file: PathLike,
        *paths: PathLike,
        environment: str | None = None,
        variables: Mapping[str, str] | None = None,
        code: bool = True,
    ) -> Sequence[Applied]:
        """Do what a kept plan says or nothing; without `paths` to what it was made from. Raises `StalePlan`."""
        from rota.app import checked, plan_files
        from rota.app.updates import apply_saved

        saved = plan_files.read(Path(file))
        meant = [Path(path) for path in paths or [each.source for each in saved.plans]]
        known = None if code else checked.recall(saved, meant, Surroundings(environment, variables or {}))
        desired = _valid(meant, environment, variables, code=code) if known is None else known
        return apply_saved(self._context, desired, saved)

    def history(self, configuration: str | None = None, *, newest: int = 20) -> Sequence[Revision]:
        """The newest revisions of a configuration, or of all, newest first. Raises `RevisionNotFound`."""
        from rota.app.history import history

        return history(self._context, configuration, newest)

    def diff(
        self,
        first: int,
        second: int | PathLike | None = None,
        *,
        environment: str | None = None,
        variables: Mapping[str, str] | None = None,
        configuration: str | None = None,
    ) -> Plan:
        """What leads from revision `first` to another one, to files, or to the one in force."""
        from rota.app.history import between, since

        if second is None or isinstance(second, int):
            return between(self._context, first, second, configuration)
        desired = _valid([second], environment, variables, code=False)
        return since(self._context, first, desired, configuration)

    def rollback(
        self,
        number: int,
        *,
        configuration: str | None = None,
        code: bool = True,
        allow_empty: bool = False,
        delete_scheduled_jobs: bool = False,
        max_deletes: int | None = None,
    ) -> Applied:
        """Apply revision `number` again, as a new one. Raises what `apply` raises, and `RevisionNotFound`."""
        from rota.app.rollback import rollback
        from rota.plan import Allowed

        allowed = Allowed(empty=allow_empty, delete_scheduled_jobs=delete_scheduled_jobs, max_deletes=max_deletes)
        return rollback(self._context, number, allowed, configuration=configuration, code=code)

    def export(self, configuration: str | None = None, *, effective: bool = False) -> str:
        """The applied configuration as YAML that changes nothing; `effective`: with overrides in its place."""
        from rota.app.export import export

        return export(self._context, configuration, effective=effective)

    def drift(self, configuration: str | None = None) -> Sequence[Drift]:
        """Every override: what is in force, and what is configured instead. Raises `RevisionNotFound`."""
        from rota.app.drift import drift

        return drift(self._context, configuration)


def _valid(
    paths: Sequence[PathLike], environment: str | None, variables: Mapping[str, str] | None, *, code: bool
) -> Sequence[Configuration]:
    from rota.app.validation import require_valid, validate

    surroundings = Surroundings(environment, variables or {})
    return require_valid(validate([Path(path) for path in paths], code=code, surroundings=surroundings))
