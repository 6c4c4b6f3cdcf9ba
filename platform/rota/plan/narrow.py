"""What a plan has to look at where the applied configuration is known: the definitions that differ. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from msgspec import structs

from rota.model.definition import Configuration, Definition
from rota.plan.compare import compare
from rota.plan.plan import Plan
from rota.plan.refusals import Allowed
from rota.plan.snapshot import Actual


def differing(desired: Configuration, applied: Configuration) -> set[str] | None:
    """The names of all definitions that are new, changed or gone, and those that they had before.

    None where everything must be looked at: the header differs, or no definition is left.
    """
    if not desired.definitions or desired.properties != applied.properties:
        return None
    before, after = applied.by_name, desired.by_name
    new = [each for name, each in after.items() if _differs(each, before.get(name))]
    gone = before.keys() - after.keys()
    return {*gone, *(each.name for each in new), *(each.renamed_from for each in new if each.renamed_from)}


def compare_some(desired: Configuration, actual: Actual, names: AbstractSet[str], allowed: Allowed) -> Plan:
    """The plan that `compare` gives, where `actual` holds the definitions of these names only.

    They are those that differ, and those with hand-made jobs that bear their names.
    """
    some = tuple(definition for name, definition in desired.by_name.items() if name in names)
    # That all definitions would go has been looked at: some are left, though maybe none of these.
    plan = compare(replace(desired, definitions=some), actual, structs.replace(allowed, empty=True))
    return structs.replace(plan, unchanged=plan.unchanged + len(desired.definitions) - len(some))


def _differs(new: Definition, old: Definition | None) -> bool:
    """Mostly the two are the same object: a loader keeps what did not change."""
    return new is not old and (old is None or new.document != old.document)
