"""Errors of the schema library in words that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from rota.configuration.codes import Code
from rota.configuration.parse import KeyPath


class Misfit(NamedTuple):
    """One thing that does not fit the schema; `at_key` when the key is to be pointed at, not its value.

    `expected` is what could stand there.
    """

    path: KeyPath
    code: Code
    message: str
    hint: str | None = None
    at_key: bool = False
    expected: str | None = None


_TYPES: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}
_SHOWN = 60

_CHOICES: Final = re.compile(r"\^\((\w+(?:\|\w+)+)\)\$")
"""A pattern that lists words."""

_CRON: Final = re.compile(r"@[a-z]+|\S+(?:\s+\S+){4}")
"""What looks like a cron expression."""


def worded(error: Any) -> Iterator[Misfit]:
    """What a `jsonschema.ValidationError` says, in our words."""
    wording = _WORDINGS.get(error.validator)
    if "propertyNames" in error.absolute_schema_path:
        yield _bad_name(error)
    elif wording is not None:
        yield from wording(error)
    else:
        yield Misfit(_path(error), Code.SCHEMA, error.message)


def show(value: Any) -> str:
    """A value as it may stand in a message."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return _TYPES["object" if isinstance(value, dict) else "array"]
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 4]}...{text[-1]}"


def closest(name: str, known: Iterable[str]) -> str | None:
    """A hint at the known name that `name` probably stands for."""
    by_small = {each.lower().replace("-", "_"): each for each in known}
    close = get_close_matches(name.lower().replace("-", "_"), by_small, n=1)
    return f"did you mean {by_small[close[0]]}?" if close else None


def _path(error: Any) -> KeyPath:
    return tuple(error.absolute_path)


def _unknown_keys(error: Any) -> Iterator[Misfit]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            hint = closest(key, known) or f"the keys here are {', '.join(known)}"
            expected = f"one of the keys {', '.join(known)}"
            yield Misfit((*_path(error), key), Code.UNKNOWN_KEY, "unknown key", hint, at_key=True, expected=expected)


def _missing_keys(error: Any) -> Iterator[Misfit]:
    for key in error.validator_value:
        if key not in error.instance:
            hint = "the first line of every file is: rota: 1" if key == "rota" else None
            message, expected = f"the key {key} is missing", f"the key {key}"
            yield Misfit(_path(error), Code.MISSING_KEY, message, hint, at_key=True, expected=expected)


def _choice(error: Any) -> Iterator[Misfit]:
    branches, is_mapping = error.validator_value, isinstance(error.instance, dict)
    if all("const" in branch for branch in branches):
        choices = [str(branch["const"]) for branch in branches if branch["const"] is not None]
        message = f"{show(error.instance)} is not one of {', '.join(choices)}"
        hint = closest(str(error.instance), choices)
        yield Misfit(_path(error), Code.CHOICE, message, hint, expected=f"one of {', '.join(choices)}")
    elif is_mapping and all("required" in branch for branch in branches):
        keys = [key for branch in branches for key in branch["required"]]
        given, expected = [key for key in keys if key in error.instance], f"one of the keys {', '.join(keys)}"
        if given:
            message = f"has both {' and '.join(given)}; it can have one of them only"
            yield Misfit((*_path(error), given[-1]), Code.CHOICE, message, at_key=True, expected=expected)
        else:
            message = f"needs one of {' and '.join(keys)}"
            yield Misfit(_path(error), Code.MISSING_KEY, message, at_key=True, expected=expected)


def _const(error: Any) -> Iterator[Misfit]:
    message = f"{show(error.instance)} is not {show(error.validator_value)}"
    if _path(error) == ("rota",):
        message = f"{show(error.instance)} is not a language version that this Rota knows"
    expected = show(error.validator_value)
    yield Misfit(_path(error), Code.CHOICE, message, f"write {expected}", expected=expected)


def _type(error: Any) -> Iterator[Misfit]:
    value = error.instance
    kinds = [error.validator_value] if isinstance(error.validator_value, str) else list(error.validator_value)
    expected = " or ".join(_TYPES[kind] for kind in kinds if kind != "null")
    hint = _cron_hint(value, kinds) or _type_hint(value, kinds, error.schema.get("pattern", ""))
    if value is None:
        message = f"has no value; it takes {expected}"
        hint = "give it one, or leave the key out"
        yield Misfit(_path(error), Code.TYPE, message, hint, at_key=True, expected=expected)
    elif "title" in error.schema and "pattern" in error.schema:
        expected = _described(error.schema)
        yield Misfit(_path(error), Code.TYPE, f"{show(value)} is not {expected}", hint, expected=expected)
    else:
        own = "" if isinstance(value, dict | list | bool) else f", which is {_TYPES[_kind(value)]}"
        yield Misfit(_path(error), Code.TYPE, f"takes {expected}, not {show(value)}{own}", hint, expected=expected)


def _kind(value: Any) -> str:
    return "string" if isinstance(value, str) else "integer" if isinstance(value, int) else "number"


def _cron_hint(value: Any, kinds: Sequence[str]) -> str | None:
    """For a cron expression that stands where a schedule is a mapping."""
    text = value.strip() if isinstance(value, str) else ""
    return f'write {{cron: "{text}"}}' if "object" in kinds and _CRON.fullmatch(text) else None


def _type_hint(value: Any, kinds: Sequence[str], pattern: str) -> str | None:
    word = str(value).lower()
    if "boolean" in kinds and word in {"yes", "no", "on", "off", "y", "n", "true", "false"}:
        return f"write {'true' if word in {'yes', 'on', 'y', 'true'} else 'false'}"
    if "string" in kinds and isinstance(value, bool | int | float) and re.search(pattern, show(value)):
        return f'write "{show(value)}"'
    if isinstance(value, str) and {"integer", "number"} & set(kinds) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "leave out the quotes"
    if "integer" in kinds and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    if kinds == ["array"] and not isinstance(value, dict):
        return f"write [{', '.join(value.split()) if isinstance(value, str) else show(value)}]"
    return None


def _minimum(error: Any) -> Iterator[Misfit]:
    message = f"{show(error.instance)} is less than the minimum of {error.validator_value}"
    yield Misfit(_path(error), Code.RANGE, message, expected=f"at least {error.validator_value}")


def _maximum(error: Any) -> Iterator[Misfit]:
    message = f"{show(error.instance)} is greater than the maximum of {error.validator_value}"
    yield Misfit(_path(error), Code.RANGE, message, expected=f"at most {error.validator_value}")


def _too_short(error: Any) -> Iterator[Misfit]:
    what = "text" if isinstance(error.instance, str) else "list"
    yield Misfit(_path(error), Code.RANGE, f"the {what} must not be empty", expected=f"a {what} that is not empty")


def _too_long(error: Any) -> Iterator[Misfit]:
    message = f"{len(error.instance)} characters are more than the {error.validator_value} that it may have"
    yield Misfit(_path(error), Code.RANGE, message, expected=f"at most {error.validator_value} characters")


def _repeated(error: Any) -> Iterator[Misfit]:
    for index, value in enumerate(error.instance):
        if value in error.instance[:index]:
            yield Misfit((*_path(error), index), Code.REPEATED, f"{show(value)} is in the list already")


def _form(error: Any) -> Iterator[Misfit]:
    value, expected = error.instance, _described(error.schema)
    hint = _form_hint(value, error.validator_value)
    yield Misfit(_path(error), Code.PATTERN, f"{show(value)} is not {expected}", hint, expected=expected)


def _form_hint(value: str, pattern: str) -> str | None:
    """What was probably meant, where a small change makes the text fit."""
    choices = _CHOICES.fullmatch(pattern)
    if choices:
        return None if "-" in value else closest(value, choices[1].split("|"))
    function, time = ":".join(value.rpartition(".")[::2]), f"0{value}"
    meant = time if re.fullmatch("[0-9]:[0-9:]+", value) else function
    return f'write "{meant}"' if re.search(pattern, meant) else None


def _bad_name(error: Any) -> Misfit:
    name = error.instance
    example = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    fits = example != name and re.search(error.schema.get("pattern", ""), example)
    hint = f"for example {example}" if example and fits else None
    path = (*_path(error), name)
    if error.validator == "maxLength":
        return next(_too_long(error))._replace(path=path, at_key=True)
    expected = _described(error.schema)
    return Misfit(path, Code.PATTERN, f"{show(name)} is not {expected}", hint, at_key=True, expected=expected)


def _described(schema: Any) -> str:
    """A schema with a pattern in words: its title and description."""
    title, description = schema.get("title"), schema.get("description")
    if title is None:
        return f"of the form {description or schema['pattern']}".rstrip(".")
    if description[1:2].islower():  # a sentence, not a form such as HH:MM
        description = description[0].lower() + description[1:]
    return f"a valid {title.lower()}: {description}".rstrip(".")


_WORDINGS: Final[dict[str, Callable[[Any], Iterator[Misfit]]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "oneOf": _choice,
    "const": _const,
    "type": _type,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _too_short,
    "minItems": _too_short,
    "maxLength": _too_long,
    "uniqueItems": _repeated,
    "pattern": _form,
}
