"""What a plan has to look at where the applied configuration is known: the definitions that differ. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from rota.model.definition import Configuration, Definition
from rota.plan.compare import Allowed, compare, header_of
from rota.plan.plan import Plan
from rota.plan.snapshot import Actual


def differing(desired: Configuration, applied: Configuration) -> set[str] | None:
    """The names of all definitions that are new, changed or gone, and those that they had before.

    None where everything must be looked at: the header differs, or no definition is left.
    """
    if not desired.definitions or header_of(desired) != header_of(applied):
        return None
    before = {definition.name: definition for definition in applied.definitions}
    new = [definition for definition in desired.definitions if _differs(definition, before.get(definition.name))]
    gone = before.keys() - {definition.name for definition in desired.definitions}
    return {*gone, *(each.name for each in new), *(each.renamed_from for each in new if each.renamed_from)}


def compare_some(desired: Configuration, actual: Actual, names: AbstractSet[str], allowed: Allowed) -> Plan:
    """The plan that `compare` gives, where `actual` holds the definitions of these names only.

    They are those that differ, and those with hand-made jobs that bear their names.
    """
    some = tuple(definition for definition in desired.definitions if definition.name in names)
    # That all definitions would go has been looked at: some are left, though maybe none of these.
    plan = compare(replace(desired, definitions=some), actual, replace(allowed, empty=True))
    return replace(plan, unchanged=plan.unchanged + len(desired.definitions) - len(some))


def _differs(new: Definition, old: Definition | None) -> bool:
    """Mostly the two are the same object: a loader keeps what did not change."""
    if new is old:
        return False
    return old is None or new.properties() != old.properties() or new.renamed_from != old.renamed_from
