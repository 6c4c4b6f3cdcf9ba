"""Two configurations to what differs between them, as a plan says it. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from rota.model.definition import Configuration
from rota.plan.compare import compare
from rota.plan.operations import ChangeDefinition, ChangeHeader, CreateDefinition, DeleteDefinition
from rota.plan.plan import Plan
from rota.plan.refusals import Allowed
from rota.plan.snapshot import Actual, ActualDefinition

_DECLARED = (ChangeHeader, CreateDefinition, ChangeDefinition, DeleteDefinition)


def difference(old: Configuration, new: Configuration, *, from_revision: int) -> Plan:
    """What leads from `old`, revision `from_revision`, to `new`: what is declared only, whatever a database holds."""
    definitions = {
        each.name: ActualDefinition(id=number, name=each.name, properties=each.properties)
        for number, each in enumerate(old.definitions)
    }
    plan = compare(
        new,
        Actual(
            revision=from_revision,
            digest=old.digest,
            header=old.properties,
            definitions=definitions,
            users=new.users,
        ),
        Allowed(empty=True),
    )
    operations = tuple(each for each in plan.operations if isinstance(each, _DECLARED))
    touched = sum(isinstance(each, CreateDefinition | ChangeDefinition) for each in operations)
    return replace(plan, operations=operations, unchanged=len(new.definitions) - touched, warnings=(), refusals=())
