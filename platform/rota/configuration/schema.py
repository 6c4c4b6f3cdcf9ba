"""The published JSON Schema as the judge of a file's shape: the one door to the jsonschema library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from rota.configuration.codes import Code
from rota.configuration.document import Document, Findings
from rota.configuration.parse import MAX_PROBLEMS, TOO_MANY
from rota.configuration.wording import Misfit, repetitions, worded

SCHEMA = "configuration-1.json"
OVERLAY_SCHEMA = "overlay-1.json"


class Shape:
    """Judges files by a schema. One of it serves all files of a load, and remembers what it found right."""

    def __init__(self, schema: str = SCHEMA) -> None:
        self._validator = _validator(load_schema(schema))
        self._homes = _homes(load_schema(schema))

    def check(self, document: Document, findings: Findings) -> None:
        """Add everything that the schema finds in `document`, in the order of the file.

        Where something was found before, as in the same file without its overlay, it is not said again.
        """
        errors = self._validator.iter_errors(document.data)
        found = set(islice((misfit for error in errors for misfit in worded(error, self._homes)), MAX_PROBLEMS))
        known = {misfit for misfit in found if misfit.path in document.damaged or findings.has(document, misfit.path)}
        for misfit in sorted(found - known, key=lambda each: _order(each, document)):
            findings.add(
                document,
                misfit.path,
                misfit.code,
                misfit.message,
                hint=misfit.hint,
                expected=misfit.expected,
                at_key=misfit.at_key,
            )
        if len(found) == MAX_PROBLEMS:
            findings.add(document, (), Code.TOO_MANY, TOO_MANY)


def _order(misfit: Misfit, document: Document) -> tuple[int, str, str]:
    """By place; what is found at one place always in the same order."""
    return document.locate(misfit.path, at_key=misfit.at_key).index, misfit.code, misfit.message


@cache
def load_schema(name: str = SCHEMA) -> dict[str, Any]:
    """A published schema by its file name."""
    return json.loads((schema_folder() / name).read_text("utf-8"))  # type: ignore[no-any-return]


def schema_folder() -> Path:
    """Where the schemas lie: inside the installed package, or at the top of the source tree."""
    package = Path(__file__).parents[1]
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parents[1] / "schemas"


def _homes(schema: dict[str, Any]) -> dict[str, list[str]]:
    """Where each key belongs that stands in one kind of mapping or in two, for those who wrote it elsewhere."""
    parts = schema["$defs"]
    mappings = {
        "at the top of the file": schema,
        "into configuration": parts["header"],
        "into a job": parts["job"],
        "into configuration.retention": parts["retention"],
        "into retry": parts["retry"],
        "into schedule": parts["oneSchedule"],
    }
    homes: dict[str, list[str]] = {}
    for where, part in mappings.items():
        for key in part["properties"]:
            homes.setdefault(key, []).append(where)
    return homes


def _validator(schema: dict[str, Any]) -> Any:
    from jsonschema.validators import Draft202012Validator, extend

    # JSON Schema takes 3.0 for an integer; a person who writes it in YAML means something else.
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    keywords = {
        "$ref": _reference_into(schema["$defs"]),
        "pattern": _pattern,
        "properties": _remembering_properties(),
        "uniqueItems": _unique_items,
    }
    kind: Any = extend(Draft202012Validator, keywords, type_checker=types)  # type: ignore[no-untyped-call]
    kind.descend = _remembering_descend()
    return kind(schema)


def _remembering_descend() -> Any:
    """How every keyword asks about a part of what it was asked about: with one validator for each part of the schema.

    The library's own makes a validator for each question, ninety thousand for ten thousand jobs, in half of its time.
    """
    known: dict[int, Any] = {}

    def descend(
        validator: Any, instance: Any, schema: Any, path: object = None, schema_path: object = None
    ) -> Iterator[Any]:
        inner = known.get(id(schema))
        if inner is None:
            inner = known[id(schema)] = validator.evolve(schema=schema)
        for error in inner.iter_errors(instance):
            if path is not None:
                error.path.appendleft(path)
            if schema_path is not None:
                error.schema_path.appendleft(schema_path)
            yield error

    return descend


def _reference_into(parts: dict[str, Any]) -> Any:
    """The keyword `$ref`, which in our schemas names one of their own parts and needs no search."""

    def reference(validator: Any, reference: str, instance: Any, _schema: Any) -> Iterator[Any]:
        found: Iterator[Any] = validator.descend(instance, parts[reference.removeprefix("#/$defs/")])
        return found

    return reference


def _remembering_properties() -> Any:
    """The keyword `properties`, which asks only once about equal values under the same schema.

    The jobs of a large configuration say the same things again and again; for ten thousand of them this takes a third
    of the time.
    """
    import msgspec

    encode = msgspec.json.Encoder().encode
    right: set[tuple[int, bytes]] = set()

    def properties(validator: Any, properties: dict[str, Any], instance: Any, _schema: Any) -> Iterator[Any]:
        if not isinstance(instance, dict):
            return
        for name, schema in properties.items():
            if name not in instance:
                continue
            question = (id(schema), encode(instance[name]))
            if question in right:
                continue
            errors = list(validator.descend(instance[name], schema, path=name, schema_path=name))
            if not errors:
                right.add(question)
            yield from errors

    return properties


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    """The keyword `pattern`, where `$` means the end of the text as JSON Schema has it.

    In Python it also matches before a last line feed, so that `"rates\\n"` would pass for a name.
    """
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        from jsonschema import ValidationError

        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _unique_items(_validator: Any, _unique: bool, instance: Any, _schema: Any) -> Iterator[Any]:
    """The keyword `uniqueItems`, which takes linear time; the library's own compares each with each."""
    if isinstance(instance, list) and next(repetitions(instance), None) is not None:
        from jsonschema import ValidationError

        yield ValidationError("has non-unique elements")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)
