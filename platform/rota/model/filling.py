"""Dataclasses that msgspec has restored, with all of their fields. Used by `hints`.

What was not given and has a plain default, msgspec leaves to the class. The instance looks whole then, but whoever
writes it as JSON again, or asks for its `vars`, gets it without those fields.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1024)
def holds_dataclass(hint: Any) -> bool:
    """Whether there is a dataclass in what this hint describes, however deep. msgspec must know the hint."""
    import msgspec
    from msgspec.inspect import DataclassType, type_info

    waiting: list[Any] = [type_info(hint)]
    seen: set[int] = set()
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, DataclassType):
            return True
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        for part in msgspec.structs.astuple(kind):
            parts = part if isinstance(part, tuple) else (part,)
            waiting += [each for each in parts if isinstance(each, msgspec.Struct)]
    return False


def filled(value: Any) -> Any:
    """The same value, after every dataclass in it has got its defaults."""
    if isinstance(value, dict):
        _fill_all(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        _fill_all(value)
    elif dataclasses.is_dataclass(value) and hasattr(value, "__dict__"):
        own = vars(value)
        for field in dataclasses.fields(value):
            if field.name not in own and field.default is not dataclasses.MISSING:
                own[field.name] = field.default
        _fill_all(own.values())
    return value


def _fill_all(values: Any) -> None:
    for each in values:
        filled(each)
