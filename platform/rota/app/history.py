"""What was applied: every revision, what differs between two of them, and between one and the files."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from rota.app import rights
from rota.app.context import Context
from rota.configuration.build import from_document
from rota.model.acts import Act
from rota.model.definition import Configuration
from rota.model.errors import RevisionNotFound, UsageError
from rota.model.revision import Revision
from rota.plan import Plan
from rota.plan.difference import difference
from rota.plan.renames import names_since, renamed_back, renamed_on
from rota.store import Transaction, configurations, revisions
from rota.store.configurations import AppliedConfiguration

NEWEST = 20


def history(context: Context, configuration: str | None = None, newest: int = NEWEST) -> list[Revision]:
    """The newest revisions of a configuration, or of all, newest first. Raises `RevisionNotFound`."""
    rights.require(context, Act.CONFIGURATION_SEE)
    with context.store.read() as tx:
        if configuration is not None:
            applied_one(tx, configuration)
        return revisions.newest(tx, configuration, newest)


def between(context: Context, first: int, second: int | None = None, configuration: str | None = None) -> Plan:
    """What differs between two revisions; without a `second`, between `first` and the one in force.

    `configuration` may be left out where only one is applied. Raises `RevisionNotFound`.
    """
    rights.require(context, Act.CONFIGURATION_SEE)
    with context.store.read() as tx:
        home = applied_one(tx, configuration)
        old = read_revision(tx, home.name, first)
        second = home.revision if second is None else second
        new = _renamed(tx, old, first, read_revision(tx, home.name, second), second)
    return difference(old, new, from_revision=first)


def since(context: Context, first: int, desired: Sequence[Configuration], configuration: str | None = None) -> Plan:
    """What differs between a revision and configurations as their files have them. Raises `RevisionNotFound`."""
    rights.require(context, Act.CONFIGURATION_SEE)
    named = [each for each in desired if configuration is None or each.name == configuration]
    if len(named) != 1:
        names = ", ".join(each.name for each in desired)
        raise UsageError(f"one configuration is compared with its revision; these files have: {names}")
    (new,) = named
    with context.store.read() as tx:
        old = read_revision(tx, applied_one(tx, new.name).name, first)
    return difference(old, new, from_revision=first)


def _renamed(tx: Transaction, old: Configuration, first: int, new: Configuration, second: int) -> Configuration:
    """Revision `second`, knowing which of its definitions had another name in `first`, before or after it."""
    if first < second:
        return renamed_on(new, names_since(old.by_name, revisions.renamings_after(tx, new.name, first, second)))
    return renamed_back(new, names_since(new.by_name, revisions.renamings_after(tx, new.name, second, first)))


def read_revision(tx: Transaction, configuration: str, number: int) -> Configuration:
    """The configuration that revision `number` applied. Raises `RevisionNotFound`."""
    return from_document(revisions.document(tx, configuration, number), source=f"revision {number}")


def applied_one(tx: Transaction, name: str | None) -> AppliedConfiguration:
    """The applied configuration of that name, or the only one. Raises `RevisionNotFound` and `UsageError`."""
    applied = configurations.applied(tx)
    found = [each for each in applied if name is None or each.name == name]
    if not found:
        names = [each.name for each in applied]
        raise RevisionNotFound(name, hint=next(iter(get_close_matches(name or "", names, 1)), None))
    if len(found) > 1:
        names = [each.name for each in found]
        raise UsageError(f"several configurations are applied: {', '.join(names)}; say which one is meant")
    return found[0]
