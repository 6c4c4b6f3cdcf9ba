"""Parameters as they are given in Python, as the JSON that a job keeps. Called at every start of a background job."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rota.model.errors import BadParameters
from rota.model.parameters import KeyPath, Misfit, name_by_position
from rota.model.values import Json, Parameters, form_in_json

LARGEST = 64 * 1024 * 1024
"""Bytes of JSON that the parameters of one job may take."""


def to_data(method: str, parameters: Any, function: Callable[..., Any] | None = None) -> Parameters:
    """A mapping (by name) or list (by position) as JSON, from which the method's hints restore it.

    Dates, times, Decimal, UUID, bytes (base64), enums, paths, sets, dataclasses and models of pydantic have a form in
    JSON. Raises `BadParameters` that names every parameter without one: an object of a class of one's own, NaN,
    infinity, half a character. Those by position are named as `function`, if given, names them.
    """
    if parameters is None:
        return None
    problems: list[Misfit] = []
    plain: Parameters
    if isinstance(parameters, dict | Mapping):
        plain = {str(name): _plain(str(name), value, problems) for name, value in parameters.items()}
    elif isinstance(parameters, list | Sequence) and not isinstance(parameters, str | bytes):
        plain = [_plain(place, value, problems) for place, value in enumerate(parameters)]
    else:
        raise BadParameters(method, ["they must be a mapping (by name) or a list (by position)"])
    if problems:
        raise BadParameters(method, [str(_named(problem, function)) for problem in problems])
    _require_small(method, plain)
    return plain


def _named(problem: Misfit, function: Callable[..., Any] | None) -> Misfit:
    place = problem.path[0]
    if function is None or not isinstance(place, int):
        return problem
    return problem._replace(parameter=name_by_position(function, place))


_ALWAYS_PLAIN = frozenset({int, bool, type(None)})


def _plain(place: str | int, value: Any, problems: list[Misfit]) -> Json:
    if type(value) in _ALWAYS_PLAIN:  # what most parameters are: they need none of the rest
        return value  # type: ignore[no-any-return]
    import msgspec

    try:
        plain: Json = msgspec.to_builtins(value, str_keys=True, enc_hook=form_in_json)
        flaw = _flaw(plain, (place,))
    except RecursionError:
        flaw = Misfit((place,), "it is nested too deeply, or in itself")
    except (TypeError, ValueError, OverflowError) as error:
        flaw = Misfit((place,), str(error))
    if flaw is None:
        return plain
    problems.append(flaw)
    return None


def _flaw(data: Json, path: KeyPath) -> Misfit | None:
    """What JSON, or the databases, have no form for, with its place. Without a look it would change silently."""
    if isinstance(data, str):
        return None if data.isascii() or _is_whole(data) else Misfit(path, "it holds half a character")
    if isinstance(data, float):
        return None if math.isfinite(data) else Misfit(path, f"JSON has no {data}")
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
