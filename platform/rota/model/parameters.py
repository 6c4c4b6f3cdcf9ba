"""Parameters of methods: JSON against a function's signature and type hints.

The code check asks `examine` for every misfit; whoever is about to call the function asks `bind`.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from inspect import Parameter
from types import FunctionType
from typing import Any, NamedTuple

from rota.model.errors import BadParameters
from rota.model.hints import Hints
from rota.model.problem import join_path
from rota.model.values import Json, Parameters

KeyPath = tuple[str | int, ...]

_MISSING = "parameter {!r} is missing"

_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


class Misfit(NamedTuple):
    """One reason why parameters do not fit; `path` leads to the value, `missing` says that there is none.

    `parameter` is the name of the one that a value by position goes to.
    """

    path: KeyPath
    message: str
    missing: bool = False
    parameter: str | None = None

    def __str__(self) -> str:
        if not self.path:
            return self.message
        name = f" ({self.parameter})" if self.parameter else ""
        return f"{join_path(self.path)}{name}: {self.message}"


class Arguments(NamedTuple):
    """What to call the function with: `function(*args, **kwargs)`."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def bind(function: Callable[..., Any], parameters: Parameters, *, method: str | None = None) -> Arguments:
    """The arguments for calling `function`, converted to its hinted types.

    Dates, times, Decimal, UUID, bytes (base64), enums, paths and dataclasses are restored from JSON by the
    hints. Raises `BadParameters` with every misfit; `method` is the name to show in it.
    """
    arguments, misfits = examine(function, parameters)
    if misfits:
        raise BadParameters(method or _name(function), [str(misfit) for misfit in misfits])
    return arguments


def examine(function: Callable[..., Any], parameters: Parameters) -> tuple[Arguments, list[Misfit]]:
    """The arguments for calling `function`, and every reason why they do not fit."""
    by_name = isinstance(parameters, dict | Mapping)
    positional = () if by_name or parameters is None else tuple(parameters)
    named: Mapping[str, Json] = parameters if by_name else {}  # type: ignore[assignment]
    is_known = isinstance(function, FunctionType | Hashable)
    form = (_form if is_known else _form.__wrapped__)(function, len(positional), tuple(named))
    if form is None:
        return Arguments(positional, dict(named)), []
    misfits = list(form.misfits)
    args = tuple([_restored(form.positional[i], value, i, misfits) for i, value in enumerate(positional)])
    kwargs = {name: _restored(form.named[name], value, name, misfits) for name, value in named.items()}
    return Arguments(args, kwargs), misfits


class _Slot(NamedTuple):
    """Where a value goes. `restore` is None where it arrives as it is, `name` the parameter's for one by position."""

    restore: Callable[[Json], Any] | None
    name: str | None = None


class _Form(NamedTuple):
    """What can be said of a call before its values are seen.

    `misfits` are about the number and the names.
    """

    misfits: Sequence[Misfit]
    positional: Sequence[_Slot]
    named: Mapping[str, _Slot]


@lru_cache(maxsize=256)
def _form(function: Callable[..., Any], count: int, names: Sequence[str]) -> _Form | None:
    """The form of a call with so many values by position and these names; None for what has no signature.

    Kept, because a method is called in few forms, and finding one is most of what `bind` costs.
    """
    try:
        signature = _signature(function)
    except (ValueError, TypeError):  # some functions written in C have no signature to check against
        return None
    hints = Hints(function)
    slots = _positional_slots(signature, count)
    return _Form(
        [*_count_misfits(signature, count, names), *_missing_keywords(signature, hints, names)],
        [_Slot(hints.restorer(slot, str(n)), slot.name if slot else None) for n, slot in enumerate(slots[:count])],
        {name: _Slot(hints.restorer(_named_slot(signature, name), name)) for name in names},
    )


def name_by_position(function: Callable[..., Any], place: int) -> str | None:
    """The parameter that a value at this place goes to, as far as that is known."""
    form = _form(function, place + 1, ()) if isinstance(function, Hashable) else None
    return form.positional[place].name if form is not None and place < len(form.positional) else None


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    """Python 3.14 evaluates hints here, and must leave alone one that cannot be evaluated."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def _count_misfits(signature: inspect.Signature, count: int, names: Sequence[str]) -> list[Misfit]:
    parameters = list(signature.parameters.values())
    misfits = []
    slots = [parameter for parameter in parameters if parameter.kind in _BY_POSITION]
    if count > len(slots) and not _has(parameters, Parameter.VAR_POSITIONAL):
        misfits.append(Misfit((), f"{count} given, the function takes {len(slots)} by position"))
    known = [parameter.name for parameter in parameters if parameter.kind in _BY_NAME]
    if not _has(parameters, Parameter.VAR_KEYWORD):
        misfits += [Misfit((name,), _unknown(name, known)) for name in names if name not in known]
    filled = {parameter.name for parameter in slots[:count]} | (set(names) & set(known))
    misfits += [
        Misfit((), _MISSING.format(parameter.name), missing=True)
        for parameter in parameters
        if parameter.default is Parameter.empty
        and parameter.kind in {*_BY_POSITION, *_BY_NAME}
        and parameter.name not in filled
    ]
    return misfits


def _missing_keywords(signature: inspect.Signature, hints: Hints, names: Sequence[str]) -> list[Misfit]:
    """What `**options: Unpack[Options]` cannot do without, and is not there."""
    rest = [each for each in signature.parameters.values() if each.kind is Parameter.VAR_KEYWORD]
    required = [name for each in rest for name in hints.required(each) if name not in names]
    return [Misfit((), _MISSING.format(name), missing=True) for name in required]


def _unknown(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f"unknown parameter; did you mean {close[0]!r}?"
    if known:
        return f"unknown parameter; the function takes {', '.join(known)}"
    return "unknown parameter; the function takes none by name"


def _has(parameters: Sequence[Parameter], kind: Any) -> bool:
    return any(parameter.kind is kind for parameter in parameters)


def _positional_slots(signature: inspect.Signature, count: int) -> list[Parameter | None]:
    """The parameter that each of `count` positional values goes to; None where there is none."""
    parameters = list(signature.parameters.values())
    slots: list[Parameter | None] = [parameter for parameter in parameters if parameter.kind in _BY_POSITION]
    rest = next((parameter for parameter in parameters if parameter.kind is Parameter.VAR_POSITIONAL), None)
    return slots + [rest] * max(0, count - len(slots))


def _named_slot(signature: inspect.Signature, name: str) -> Parameter | None:
    parameter = signature.parameters.get(name)
    if parameter is not None and parameter.kind in _BY_NAME:
        return parameter
    rest = (each for each in signature.parameters.values() if each.kind is Parameter.VAR_KEYWORD)
    return next(rest, None)


def _restored(slot: _Slot, value: Json, place: str | int, misfits: list[Misfit]) -> Any:
    """`value` as its parameter's hint wants it; misfits are added to `misfits`."""
    if slot.restore is None:
        return value
    try:
        return slot.restore(value)
    except Exception as error:  # noqa: BLE001 -- the code of a class that is to be restored may raise anything
        misfits.append(_why_not(error, slot, place))
    return value


def _why_not(error: Exception, slot: _Slot, place: str | int) -> Misfit:
    import msgspec

    if isinstance(error, msgspec.ValidationError):
        inner, message = _in_our_words(str(error))
    else:
        inner, message = (), f"restoring it raised {type(error).__name__}: {error}"
    return Misfit((place, *inner), message, parameter=slot.name)


def _in_our_words(text: str) -> tuple[KeyPath, str]:
    """msgspec's "Expected `int`, got `str` - at `$.a[0]`", with the place apart; a key's is "- at `key` in `$.a`"."""
    message, at_key, place = text.partition(" - at `key` in `$")
    if not at_key:
        message, _, place = text.partition(" - at `$")
    inner: list[str | int] = []
    for key, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", place):
        if index == "...":  # somewhere inside a mapping: msgspec does not say where
            break
        inner.append(key or int(index))
    message = message.replace("`", "")
    return tuple(inner), ("a key: " if at_key else "") + message[:1].lower() + message[1:]


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{getattr(function, '__qualname__', repr(function))}"
