"""Updates: validate, plan and apply are one path, stopped at different points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rota.app.context import Context
from rota.configuration.load import Loaded, load
from rota.model.definition import Configuration
from rota.model.errors import ConfigurationError, UsageError
from rota.plan import Allowed, Plan
from rota.reconcile.reconciler import Applied, apply, make_plan, plan_for_new_database
from rota.store import schema
from rota.store.configurations import applied as applied_configurations
from rota.store.wakeups import wake_engines

DEFAULT_FOLDER = Path("configurations")


@dataclass(frozen=True, slots=True)
class Update:
    """What became of one configuration: what was loaded, and what applying it did."""

    loaded: Loaded
    applied: Applied


def validate(paths: Sequence[Path], *, code: bool = True) -> list[Loaded]:
    """Load every configuration that `paths` name, with all problems of all files."""
    return load(list(paths) or [_default()], code=code)


def _default() -> Path:
    if not DEFAULT_FOLDER.exists():
        raise UsageError(f"there is no folder {DEFAULT_FOLDER}/ here: name the configuration's file or folder")
    return DEFAULT_FOLDER


def require_valid(loaded: Sequence[Loaded]) -> list[Configuration]:
    """The configurations, if none has an error. Raises `ConfigurationError` with all errors of all of them."""
    errors = [problem for each in loaded for problem in each.errors]
    if errors:
        raise ConfigurationError(errors)
    return [each.configuration for each in loaded if each.configuration is not None]


def plan_all(context: Context, configurations: Sequence[Configuration], allowed: Allowed) -> list[Plan]:
    """What applying each configuration would do. Changes nothing, and makes no database where there is none."""
    if not context.store.exists():
        return [plan_for_new_database(each, allowed) for each in configurations]
    schema.require_current(context.store)
    return [make_plan(context.store, each, allowed) for each in configurations]


def apply_all(context: Context, configurations: Sequence[Configuration], allowed: Allowed) -> list[Applied]:
    """Apply the configurations one after the other, each whole or not at all; the first that is refused ends it."""
    ready_database(context)
    return [_apply(context, each, allowed) for each in configurations]


def _apply(context: Context, configuration: Configuration, allowed: Allowed) -> Applied:
    applied = apply(context.store, configuration, allowed, by=context.user, now=context.now())
    if not applied.plan.is_empty:
        with context.store.write() as tx:
            wake_engines(tx)
    return applied


def anything_applied(context: Context) -> bool:
    """Whether the database holds any configuration."""
    with context.store.read() as tx:
        return bool(applied_configurations(tx))


def ready_database(context: Context) -> None:
    """Bring SQLite to this version by itself; a server's database is upgraded by command."""
    if context.store.is_sqlite:
        schema.upgrade(context.store)
    else:
        schema.require_current(context.store)
