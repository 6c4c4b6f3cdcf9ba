"""Every property of the language in an editor: explained, offered, and marked where its value is wrong.

A mapping of the language is one row of the table; its properties are read from the schema that `rota schema` prints.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rota.configuration.editors import editor_schema
from tests.editors.server import Server
from tests.editors.test_editors import completion, messages, plain

MAPPINGS = {
    "header": "configuration:\n  ",
    "executor": "configuration:\n  executors:\n    crawl:\n      ",
    "defaults": "configuration:\n  defaults:\n    ",
    "retention": "configuration:\n  retention:\n    ",
    "job": "jobs:\n  rates:\n    ",
    "retry": "jobs:\n  rates:\n    retry:\n      ",
    "oneSchedule": "jobs:\n  rates:\n    schedule:\n      ",
    "window": "jobs:\n  rates:\n    schedule:\n      detailed_daily_schedules:\n        - ",
}
"""How a file leads to each mapping of the schema; the last line is where its keys begin."""

KINDS = ("configuration", "overlay")


class File:
    """A file of one kind that leads to one mapping, with the schema that `rota schema` prints for it."""

    def __init__(self, kind: str, mapping: str, folder: Path) -> None:
        path = folder / f"{kind}-1.json"
        path.write_text(editor_schema(path.name), "utf-8")
        self.schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.properties: dict[str, Any] = self.schema["$defs"][mapping]["properties"]
        self.title: str = self.schema["$defs"][mapping]["title"]
        self.uri = f"file:///{kind}-{mapping}.yaml"
        self._before = f"# yaml-language-server: $schema={path.as_uri()}\nrota: 1\n{MAPPINGS[mapping]}"
        self.line = self._before.count("\n")
        self.column = len(self._before.splitlines()[-1])

    def text(self, *lines: str) -> str:
        return self._before + f"\n{' ' * self.column}".join(lines) + "\n"

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with what it refers to; its own words come first."""
        if "$ref" not in schema:
            return schema
        return self.resolved(self.schema["$defs"][schema["$ref"].rpartition("/")[2]]) | schema


@pytest.fixture(params=[(kind, mapping) for kind in KINDS for mapping in MAPPINGS], ids="-".join)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> File:
    kind, mapping = request.param
    return File(kind, mapping, tmp_path)


def wrong_value(schema: dict[str, Any]) -> str:
    """A value of a type that the property does not take."""
    return "7" if "array" in schema.get("type", ()) else "[7]"


def meanings(schema: dict[str, Any]) -> list[str]:
    """What a property means, or for a choice what each of its values does: of these the server shows the nearest."""
    return [choice["description"] for choice in schema.get("oneOf", [schema])]


def test_each_property_is_explained_and_its_wrong_value_marked(server: Server, file: File) -> None:
    lines = [f"{key}: {wrong_value(file.resolved(value))}" for key, value in file.properties.items()]
    found = messages(server.open(file.uri, file.text(*lines)))
    unmarked = [key for line, key in enumerate(file.properties, file.line) if line not in found]
    assert unmarked == []
    for line, (key, value) in enumerate(file.properties.items(), file.line):
        shown = server.ask("textDocument/hover", file.uri, line, file.column + 1)
        words = " ".join(plain(shown["contents"]["value"]).split())
        assert any(meaning in words for meaning in meanings(file.resolved(value))), (key, words)


def test_all_properties_are_offered_and_no_other(server: Server, file: File) -> None:
    uri = file.uri.replace(".yaml", "-keys.yaml")
    server.open(uri, file.text(""))
    offered = set(completion(server, uri, file.line, file.column))
    # A mapping with a required key is also offered whole, by its title.
    assert offered - {file.title} == set(file.properties)


def test_a_slip_in_a_key_is_marked(server: Server, file: File) -> None:
    uri = file.uri.replace(".yaml", "-slip.yaml")
    slip = f"{next(iter(file.properties))}s"
    assert slip in messages(server.open(uri, file.text(f"{slip}: x"))).get(file.line, "")
