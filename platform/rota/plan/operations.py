"""The operations that a plan is made of: data that describes itself. Carrying them out is the work of another room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from rota.model.definition import Definition
from rota.model.values import Json

_UNTOLD = Definition(name="any").properties
"""What a definition means that says nothing."""

Action = Literal["create", "update", "rename", "delete"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation says of itself. `properties` maps a property to its old and new value."""

    action: Action
    kind: str
    name: str
    properties: Mapping[str, tuple[Json, Json]]
    hidden_by_override: tuple[str, ...] = ()
    renamed_from: str | None = None

    def to_data(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "kind": self.kind,
            "name": self.name,
            "properties": {name: {"from": old, "to": new} for name, (old, new) in self.properties.items()},
            "hidden_by_override": list(self.hidden_by_override),
            "renamed_from": self.renamed_from,
        }


class _Said(Mapping[str, tuple[Json, Json]]):
    """What a new definition says, found when somebody asks: of ten thousand new ones only the names are shown."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition

    @cached_property
    def _found(self) -> dict[str, tuple[Json, Json]]:
        properties = self._definition.properties
        return {name: (None, value) for name, value in properties.items() if value != _UNTOLD[name]}

    def __getitem__(self, name: str) -> tuple[Json, Json]:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class CreateDefinition(msgspec.Struct, frozen=True, kw_only=True):
    definition: Definition

    def describe(self) -> Change:
        """Only the properties that differ from what a definition means that leaves them out."""
        return Change(action="create", kind="definition", name=self.definition.name, properties=_Said(self.definition))


class ChangeDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """Give an existing definition new properties, a new name, or both. `changed` maps property to (old, new).

    `use` says whether its predefined job then runs on its schedule, overrides in force.
    """

    id: int
    old_name: str
    definition: Definition
    changed: Mapping[str, tuple[Json, Json]]
    hidden_by_override: tuple[str, ...] = ()
    use: bool = True

    def describe(self) -> Change:
        renamed = self.old_name != self.definition.name
        return Change(
            action="rename" if renamed else "update",
            kind="definition",
            name=self.definition.name,
            properties=self.changed,
            hidden_by_override=self.hidden_by_override,
            renamed_from=self.old_name if renamed else None,
        )


class DeleteDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A definition that goes. `properties` are those that it had."""

    id: int
    name: str
    properties: Mapping[str, Json]

    def describe(self) -> Change:
        said = {name: value for name, value in self.properties.items() if value not in (None, "")}
        return Change(
            action="delete",
            kind="definition",
            name=self.name,
            properties={name: (value, None) for name, value in said.items()},
        )


class CreatePredefinedJob(msgspec.Struct, frozen=True, kw_only=True):
    """The one scheduled job that a predefined definition has by itself."""

    definition: Definition

    def describe(self) -> Change:
        return Change(action="create", kind="scheduled job", name=self.definition.name, properties={})


class RetimeJob(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled job whose effective schedule or use changed: it counts as active since the update."""

    id: str
    name: str
    definition: Definition

    def describe(self) -> None:
        """Nothing of its own: the definition's change says it."""


class RenameJob(msgspec.Struct, frozen=True, kw_only=True):
    """The predefined job of a renamed definition, which bears its name."""

    id: str
    name: str

    def describe(self) -> None:
        """Nothing of its own: the definition's change says it."""


class DeleteJob(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled job that goes; a run in progress finishes."""

    id: str
    name: str

    def describe(self) -> Change:
        return Change(action="delete", kind="scheduled job", name=self.name, properties={})


class ChangeHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration's own properties."""

    name: str
    changed: Mapping[str, tuple[Json, Json]]
    new: bool

    def describe(self) -> Change:
        return Change(
            action="create" if self.new else "update", kind="configuration", name=self.name, properties=self.changed
        )


Operation = (
    ChangeHeader
    | CreateDefinition
    | ChangeDefinition
    | DeleteDefinition
    | CreatePredefinedJob
    | RetimeJob
    | RenameJob
    | DeleteJob
)
