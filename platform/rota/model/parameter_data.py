"""Parameters as they are given in Python, as the JSON that a job keeps. Called at every start of a background job."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rota.model.errors import BadParameters
from rota.model.problem import join_path
from rota.model.values import Json, Parameters, form_in_json

LARGEST = 64 * 1024 * 1024
"""Bytes of JSON that the parameters of one job may take."""

Path = tuple[str | int, ...]


def to_data(method: str, parameters: Any) -> Parameters:
    """A mapping (by name) or list (by position) as JSON, from which the method's hints restore it.

    Dates, times, Decimal, UUID, bytes (base64), enums, paths, sets, dataclasses and models of pydantic have a form in
    JSON. Raises `BadParameters` that names every parameter without one: an object of a class of one's own, NaN,
    infinity, half a character.
    """
    if parameters is None:
        return None
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Mapping | Sequence):
        raise BadParameters(method, ["they must be a mapping (by name) or a list (by position)"])
    problems: list[str] = []
    given = _each(parameters)
    data = {place: _plain(place, value, problems) for place, value in given}
    if problems:
        raise BadParameters(method, problems)
    plain: Parameters = data if isinstance(parameters, Mapping) else list(data.values())  # type: ignore[assignment]
    _require_small(method, plain)
    return plain


def _each(parameters: Mapping[Any, Any] | Sequence[Any]) -> Iterable[tuple[str | int, Any]]:
    if isinstance(parameters, Mapping):
        return [(str(name), value) for name, value in parameters.items()]
    return enumerate(parameters)


def _plain(place: str | int, value: Any, problems: list[str]) -> Json:
    import msgspec

    try:
        plain: Json = msgspec.to_builtins(value, str_keys=True, enc_hook=form_in_json)
        flaw = _flaw(plain, (place,))
    except RecursionError:
        flaw = f"{join_path((place,))}: it is nested too deeply, or in itself"
    except (TypeError, ValueError, OverflowError) as error:
        flaw = f"{join_path((place,))}: {error}"
    if flaw is None:
        return plain
    problems.append(flaw)
    return None


def _flaw(data: Json, path: Path) -> str | None:
    """What JSON, or the databases, have no form for, with its place. Without a look it would change silently."""
    if isinstance(data, str):
        return None if data.isascii() or _is_whole(data) else f"{join_path(path)}: it holds half a character"
    if isinstance(data, float):
        return None if math.isfinite(data) else f"{join_path(path)}: JSON has no {data}"
    if isinstance(data, Mapping):
        inner: Iterable[tuple[str | int, Json]] = data.items()
    elif isinstance(data, Sequence):
        inner = enumerate(data)
    else:
        return None
    return next((flaw for key, value in inner if (flaw := _flaw(value, (*path, key)))), None)


def _is_whole(text: str) -> bool:
    """Whether UTF-8 can carry it: no surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _require_small(method: str, data: Parameters) -> None:
    import msgspec

    try:
        size = len(msgspec.json.encode(data))
    except ValueError as error:  # half a character in the key of a mapping
        raise BadParameters(method, [str(error)]) from error
    if size > LARGEST:
        raise BadParameters(method, [f"{size} bytes of JSON are more than {LARGEST}; use a file"])
