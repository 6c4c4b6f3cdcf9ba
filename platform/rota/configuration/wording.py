"""Errors of the schema library in words that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from rota.configuration.codes import Code
from rota.configuration.parse import KeyPath
from rota.configuration.repairs import as_items, repaired, small_name
from rota.configuration.synonyms import meant_by
from rota.configuration.variables import SIGN


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
_LONGEST_NAME = 200
"""Comparing takes quadratic time, and nothing is so long by a slip; no hint is of use that is longer."""

_TRUE: Final = frozenset({"yes", "on", "y", "true", "1"})
_FALSE: Final = frozenset({"no", "off", "n", "false", "0"})

_CHOICES: Final = re.compile(r"\^\((\w+(?:\|\w+)+)\)\$")
"""A pattern that lists words."""

_CRON: Final = re.compile(r"@[a-z]+|\S+(?:\s+\S+){4}")
"""What looks like a cron expression."""

_CRON_NAMES: Final = ("yearly", "monthly", "weekly", "daily", "midnight", "hourly")

_MAIN_KEYS: Final = {"configuration": "name", "retry": "count", "retention": "age"}
"""What a single value probably means where a mapping is expected."""


def worded(error: Any, homes: Mapping[str, Sequence[str]]) -> Iterator[Misfit]:
    """What a `jsonschema.ValidationError` says, in our words; `homes` says of each key where it belongs."""
    wording = _WORDINGS.get(error.validator)
    if "propertyNames" in error.absolute_schema_path:
        yield _bad_name(error)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, homes)
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


def _key_meant(name: str, known: Sequence[str]) -> str | None:
    """A hint at the key that `name` probably stands for."""
    synonym = meant_by(name, known)
    return f"did you mean {synonym}?" if synonym else None


def closest(name: str, known: Iterable[str]) -> str | None:
    """A hint at the known name that `name` probably stands for."""
    if len(name) > _LONGEST_NAME:
        return None
    by_small = {each.lower().replace("-", "_"): each for each in known}
    close = get_close_matches(name.lower().replace("-", "_"), by_small, n=1)
    return f"did you mean {by_small[close[0]]}?" if close else None


def _path(error: Any) -> KeyPath:
    return tuple(error.absolute_path)


def _unknown_keys(error: Any, homes: Mapping[str, Sequence[str]]) -> Iterator[Misfit]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            hint = _as_it_is(key) or _key_meant(key, known) or _home(key, _path(error), homes)
            hint = hint or closest(key, known) or _indented(key, error)
            hint = hint or f"the keys here are {', '.join(known)}"
            expected = f"one of the keys {', '.join(known)}"
            yield Misfit((*_path(error), key), Code.UNKNOWN_KEY, "unknown key", hint, at_key=True, expected=expected)


def _as_it_is(key: str) -> str | None:
    return "a key is taken as it is: variables stand in values only" if SIGN in key else None


def _indented(key: str, error: Any) -> str | None:
    """For what stands at the top of a file whose `jobs` are empty: a job, most probably."""
    empty = not _path(error) and "jobs" in error.instance and not error.instance["jobs"]
    return f"indent it by two spaces, if {key} is a job" if empty and isinstance(error.instance[key], dict) else None


def _home(key: str, path: KeyPath, homes: Mapping[str, Sequence[str]]) -> str | None:
    """For a key that stands in the wrong mapping. What a job says never belongs into the header."""
    found = [home for home in homes.get(key, ()) if path[:1] != ("jobs",) or "configuration" not in home]
    return f"{key} belongs {' or '.join(found)}" if found else None


def _missing_keys(error: Any) -> Iterator[Misfit]:
    for key in error.validator_value:
        if key not in error.instance and not _is_misspelt(key, error):
            hint = "the first line of every file is: rota: 1" if key == "rota" else None
            message, expected = f"the key {key} is missing", f"the key {key}"
            yield Misfit(_path(error), Code.MISSING_KEY, message, hint, at_key=True, expected=expected)


def _is_misspelt(key: str, error: Any) -> bool:
    """Whether a key that nobody knows was probably meant to be this one: then that is the problem."""
    known = error.schema.get("properties", {})
    return any(_key_meant(each, [key]) or closest(each, [key]) for each in error.instance if each not in known)


def _choice(error: Any) -> Iterator[Misfit]:
    branches, is_mapping = error.validator_value, isinstance(error.instance, dict)
    if all("const" in branch for branch in branches):
        choices = [str(branch["const"]) for branch in branches if branch["const"] is not None]
        message = f"{show(error.instance)} is not one of {', '.join(choices)}"
        hint = closest(error.instance, choices) if isinstance(error.instance, str) else None
        yield Misfit(_path(error), Code.CHOICE, message, hint, expected=f"one of {', '.join(choices)}")
    elif is_mapping and all("required" in branch for branch in branches):
        keys = [key for branch in branches for key in branch["required"]]
        given, expected = [key for key in keys if key in error.instance], f"one of the keys {', '.join(keys)}"
        if given:
            message = f"has both {' and '.join(given)}; it can have one of them only"
            yield Misfit((*_path(error), given[-1]), Code.CHOICE, message, at_key=True, expected=expected)
        elif not any(_is_misspelt(key, error) for key in keys):
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
    named = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    kinds = [kind for kind in named if kind != "null"]  # an overlay removes by it; nobody means it by anything else
    expected = " or ".join(_TYPES[kind] for kind in kinds)
    hint = _mapping_hint(value, kinds, _path(error)) or _type_hint(value, kinds, error.schema)
    if value is None:
        message = f"has no value; it takes {expected}"
        in_list = bool(_path(error)) and isinstance(_path(error)[-1], int)
        hint = f"give it one, or leave the {'item' if in_list else 'key'} out"
        yield Misfit(_path(error), Code.TYPE, message, hint, at_key=True, expected=expected)
    elif "title" in error.schema and "pattern" in error.schema:
        expected = described(error.schema)
        yield Misfit(_path(error), Code.TYPE, f"{show(value)} is not {expected}", hint, expected=expected)
    else:
        own = "" if isinstance(value, dict | list | bool) else f", which is {_TYPES[_kind(value)]}"
        yield Misfit(_path(error), Code.TYPE, f"takes {expected}, not {show(value)}{own}", hint, expected=expected)


def _kind(value: Any) -> str:
    return "string" if isinstance(value, str) else "integer" if isinstance(value, int) else "number"


def _mapping_hint(value: Any, kinds: Sequence[str], path: KeyPath) -> str | None:
    """For a single value that stands where a mapping does: a cron expression, or the main thing that it would say."""
    if path == ("jobs",) and isinstance(value, list):
        return "the name of a job is its key: write rates: {...} instead of - {name: rates, ...}"
    if "object" not in kinds or not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = str(value).strip()
    if _CRON.fullmatch(text) or text in _CRON_NAMES:
        cron = " ".join(text.split()) if _CRON.fullmatch(text) else f"@{text}"
        return f'write {{cron: "{cron}"}}'
    main = "kind" if path[:-1] == ("configuration", "executors") else _MAIN_KEYS.get(str(path[-1])) if path else None
    if main in {"kind", "name"} and not isinstance(value, str):
        return None
    fits = 0 < len(text) <= _SHOWN and text.isprintable()  # a hint is one line
    return f"write {{{main}: {text}}}" if main and fits else None


def _type_hint(value: Any, kinds: Sequence[str], schema: Any) -> str | None:
    word = str(value).lower()
    if "boolean" in kinds and word in _TRUE | _FALSE:
        return f"write {'true' if word in _TRUE else 'false'}"
    if "string" in kinds and isinstance(value, bool | int | float):
        return _text_hint(show(value), schema)
    if isinstance(value, str) and {"integer", "number"} & set(kinds) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "leave out the quotes"
    if "integer" in kinds and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    return _list_hint(value, schema) if kinds == ["array"] else None


def _list_hint(value: Any, schema: Any) -> str | None:
    """For a single value that stands where a list does."""
    if isinstance(value, str) and len(value) <= _LONGEST_NAME:
        return f"write [{', '.join(as_items(value))}]"
    return f"write [{value}]" if type(value) is int and "integer" in schema["items"].get("type", ()) else None


def _text_hint(text: str, schema: Any) -> str | None:
    """For a number, or true or false, that stands where a text does."""
    pattern = schema.get("pattern")
    if pattern is not None and not re.search(pattern, text):
        meant = repaired(text, _fitting(pattern))
        return f'write "{meant}"' if meant else None
    names_something = pattern is None and "maxLength" not in schema  # a zone, an executor: no free text
    if names_something and "examples" in schema:
        return f"such as {', '.join(schema['examples'])}"
    return "put it in quotes"


def _fitting(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


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
    """The schema's own check says only that there is one."""
    for index in repetitions(error.instance):
        message = f"{show(error.instance[index])} is in the list already"
        yield Misfit((*_path(error), index), Code.REPEATED, message)


def repetitions(values: Sequence[Any]) -> Iterator[int]:
    """The indexes of values that stood before. A number and its text are two values, and so are 1 and true."""
    import msgspec

    seen: set[bytes] = set()
    for index, value in enumerate(values):
        encoded = msgspec.json.encode(value)
        if encoded in seen:
            yield index
        seen.add(encoded)


def _form(error: Any) -> Iterator[Misfit]:
    value, expected = error.instance, described(error.schema)
    if not value and "minLength" in error.schema:
        return  # that it is empty is said already
    hint = _form_hint(value, error.validator_value)
    if value.isdecimal() and "integer" in error.schema.get("type", ()):
        hint = "leave out the quotes"
    yield Misfit(_path(error), Code.PATTERN, f"{show(value)} is not {expected}", hint, expected=expected)


def _form_hint(value: str, pattern: str) -> str | None:
    """What was probably meant, where a small change makes the text fit."""
    choices = _CHOICES.fullmatch(pattern)
    if choices:
        return None if "-" in value else closest(value, choices[1].split("|"))
    if value.startswith("24:00"):
        return "a day ends by itself: leave the key out"
    meant = repaired(value, _fitting(pattern))
    return f'write "{meant}"' if meant else None


def _bad_name(error: Any) -> Misfit:
    name = error.instance
    pattern = error.schema.get("pattern", "")
    example = small_name(name) if re.search(pattern, small_name(name)) else repaired(name, _fitting(pattern))
    hint = _as_it_is(name) or (f"for example {example}" if example and len(name) <= _LONGEST_NAME else None)
    path = (*_path(error), name)
    if error.validator == "maxLength":
        return next(_too_long(error))._replace(path=path, at_key=True)
    expected = described(error.schema)
    return Misfit(path, Code.PATTERN, f"{show(name)} is not {expected}", hint, at_key=True, expected=expected)


def described(schema: Any) -> str:
    """A schema with a pattern in words: its title and description."""
    title, description = schema.get("title"), schema.get("description")
    if title is None:
        return f"of the form {description or schema['pattern']}".rstrip(".")
    if description[1:2].islower():  # a sentence, not a form such as HH:MM
        description = description[0].lower() + description[1:]
    return f"a valid {title.lower()}: {description}".rstrip(".")


_WORDINGS: Final[dict[str, Callable[[Any], Iterator[Misfit]]]] = {
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
