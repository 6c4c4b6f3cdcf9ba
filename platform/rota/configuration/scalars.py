"""Values by the core schema of YAML 1.2: what is null, true, a number, and that all else is text."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC: Final = frozenset("0123456789+-.")
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LARGEST: Final = 2**63 - 1
_BASES: Final = {"0o": 8, "0x": 16}

_CORE_TAG: Final = "tag:yaml.org,2002:"
_TAGGED: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


class TagError(ValueError):
    """A tag that the core schema does not have, or that its value does not fit."""

    hint: str | None = "leave the tag out"


def core_value(text: str) -> Scalar:
    """The value of a plain scalar. Raises `ValueError` for a number that JSON cannot carry."""
    if text in _WORDS:
        return _WORDS[text]
    return _number_or_text(text) if text[0] in _NUMERIC else text


def tagged_value(text: str, tag: str) -> Scalar:
    """The value of a scalar with an explicit tag. Raises `TagError`, and `ValueError` as `core_value` does."""
    kind = tag.removeprefix(_CORE_TAG)
    if kind in {"str", "!"}:  # a lone "!" keeps a plain scalar from being anything but text
        return text
    if kind not in _TAGGED:
        raise TagError(f"the tag {_shown(tag)} is not supported")
    value = core_value(text)
    if type(value) not in _TAGGED[kind]:
        raise TagError(f"{_short(text)} is not a value of !!{kind}")
    return float(value) if kind == "float" and value is not None else value


def check_collection_tag(tag: str, kind: type) -> None:
    """Raises `TagError` for a tag of a mapping (`kind` dict) or list that the core schema does not have."""
    if tag not in {"!", _CORE_TAG + ("map" if kind is dict else "seq")}:
        raise TagError(f"the tag {_shown(tag)} is not supported")


def _shown(tag: str) -> str:
    return tag.replace(_CORE_TAG, "!!")


def _number_or_text(text: str) -> int | float | str:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if value in {float("inf"), float("-inf")}:
            raise ValueError(f"{_short(text)} is too large a number")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    return text


def _integer(text: str) -> int:
    if len(text) > 80:  # longer than any 64-bit number in any base; `int` refuses thousands of digits by itself
        raise ValueError(f"{_short(text)} is beyond 64 bits")
    base = _BASES.get(text[:2], 10)
    value = int(text if base == 10 else text[2:], base)
    if not -_LARGEST - 1 <= value <= _LARGEST:
        raise ValueError(f"{_short(text)} is beyond 64 bits")
    return value


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:27] + "..."
