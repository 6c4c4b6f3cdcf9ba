"""Type hints of functions, and JSON restored to what they ask for. Used by `parameters`.

The work is msgspec's. Hints beyond it are lifted to it here: unions of types that all look like text, or that are all
objects, and `Iterable`. A hint that cannot be evaluated, or that nothing can be restored to, is not checked: the value
arrives as JSON.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from inspect import Parameter, unwrap
from pathlib import PurePath
from types import SimpleNamespace
from typing import Annotated, Any, Union, get_args, get_origin

from rota.model.filling import filled, holds_dataclass
from rota.model.problem import join_path

UNCHECKED: Any = object()
"""In place of a hint: whatever the value is, it fits."""

_PRESENCE = (typing.Required, typing.NotRequired)
_UNIONS = (Union, types.UnionType)
_CONTAINERS = (
    list,
    set,
    frozenset,
    dict,
    tuple,
    collections.abc.Sequence,
    collections.abc.Collection,
    collections.abc.Set,
    collections.abc.Mapping,
)


class Hints:
    """The hints of one function, each evaluated when it is first asked for; one that fails leaves the others alone."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._globals = getattr(unwrap(function), "__globals__", {})
        self._known: dict[str, Any] = {}

    def restorer(self, parameter: Parameter | None, name: str) -> Callable[[Any], Any] | None:
        """What makes of a value what the hint of `parameter` wants; None where any value fits as it is.

        `name` is what it is given as, of use for `**options`. The function raises `msgspec.ValidationError`, with the
        place in the value, for one that does not fit.
        """
        if parameter is None or parameter.annotation is Parameter.empty:
            return None
        hint = self._hint(parameter)
        if get_origin(hint) is typing.Unpack:
            hint = _member(hint, name)
        return None if hint is UNCHECKED else _converter(hint)

    def required(self, rest: Parameter) -> Sequence[str]:
        """The keywords that `**options: Unpack[Options]` cannot do without (PEP 692); of other hints there are none."""
        hint = self._hint(rest)
        return _required(get_args(hint)[0]) if get_origin(hint) is typing.Unpack else ()

    def _hint(self, parameter: Parameter) -> Any:
        if parameter.name not in self._known:
            self._known[parameter.name] = self._evaluate(parameter)
        return self._known[parameter.name]

    def _evaluate(self, parameter: Parameter) -> Any:
        alone = SimpleNamespace(__annotations__={"hint": parameter.annotation})
        try:
            hint = typing.get_type_hints(alone, self._globals, include_extras=True)["hint"]
        except Exception:  # noqa: BLE001 -- a hint is an expression, and may raise anything when it is evaluated
            return UNCHECKED
        return hint if get_origin(hint) is typing.Unpack else _checkable(hint)


def _member(hint: Any, name: str) -> Any:
    """The hint of one keyword of `**options: Unpack[Options]`."""
    try:
        member = typing.get_type_hints(get_args(hint)[0], include_extras=True)[name]
        return _checkable(get_args(member)[0] if get_origin(member) in _PRESENCE else member)
    except Exception:  # noqa: BLE001 -- as above; a keyword that it does not have is not checked either
        return UNCHECKED


def _required(options: Any) -> Sequence[str]:
    options = get_origin(options) or options
    try:
        members = typing.get_type_hints(options, include_extras=True)
    except Exception:  # noqa: BLE001 -- as above
        return ()
    return [name for name, member in members.items() if _is_required(options, name, get_origin(member))]


def _is_required(options: Any, name: str, presence: Any) -> bool:
    # The class itself has not seen a NotRequired in hints that are text.
    return presence is typing.Required if presence in _PRESENCE else name in options.__required_keys__


def _convert(value: Any, hint: Any) -> Any:
    return _converter(hint)(value)


def _converter(hint: Any) -> Callable[[Any], Any]:
    import msgspec

    convert = partial(msgspec.convert, type=hint, str_keys=True, dec_hook=_restore)
    return (lambda value: filled(convert(value))) if holds_dataclass(hint) else convert


@lru_cache(maxsize=1024)
def _supported(hint: Any) -> bool:
    import msgspec

    try:
        msgspec.json.Decoder(hint, dec_hook=_restore)
    except Exception:  # noqa: BLE001 -- TypeError for what is beyond msgspec, anything for the hints of a class's fields
        return False
    return True


def _checkable(hint: Any) -> Any:
    try:
        lifted = _lifted(hint)
        return lifted if _supported(lifted) else UNCHECKED
    except TypeError:  # what cannot be hashed cannot be looked up: an odd hint, and not worth more
        return UNCHECKED


def _lifted(hint: Any) -> Any:
    """The hint with everything replaced that msgspec takes only in another form."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(_lifted(arguments[0]), *arguments[1:])]
    if origin in _UNIONS:
        members = tuple(_lifted(each) for each in arguments)
        together: Any = Union.__getitem__(members)  # the members are known only now
        return together if _supported(together) else _stand_in(_OneOf, hint, members)
    if origin is collections.abc.Iterable:
        return list[_lifted(arguments[0])]  # type: ignore[misc]
    if origin in _CONTAINERS:
        return origin[tuple(each if each is Ellipsis else _lifted(each) for each in arguments)]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and not _supported(hint):
        return _stand_in(_Dataclass, hint, ())
    return hint


class _AnyInstance(type):
    """msgspec asks whether what was restored is of the type that it stands for: `restore` has seen to that."""

    def __instancecheck__(cls, _instance: object) -> bool:
        return True


class _StandIn(metaclass=_AnyInstance):
    """A type that msgspec hands back to `_restore`, because it is none of its own."""

    hint: Any
    members: tuple[Any, ...]

    @classmethod
    def restore(cls, value: Any) -> Any:
        raise NotImplementedError


def _stand_in(kind: type[_StandIn], hint: Any, members: tuple[Any, ...]) -> Any:
    return _AnyInstance(kind.__name__, (kind,), {"hint": hint, "members": members})


class _OneOf(_StandIn):
    """A union: the first member that the value fits, in their order; text, which fits every text, is tried last."""

    @classmethod
    def restore(cls, value: Any) -> Any:
        import msgspec

        for member in sorted(cls.members, key=lambda member: member is str):
            try:
                return _convert(value, member)
            except msgspec.ValidationError:
                continue
        raise ValueError(f"Expected `{_shown(cls.hint)}`, got `{type(value).__name__}`")


class _Dataclass(_StandIn):
    """A dataclass with a field that msgspec cannot restore by itself."""

    @classmethod
    def restore(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError(f"Expected `object`, got `{type(value).__name__}`")  # noqa: TRY004 -- what msgspec takes
        hints = typing.get_type_hints(cls.hint, include_extras=True)
        fields = [field.name for field in dataclasses.fields(cls.hint) if field.init and field.name in value]
        checked = {name: (value[name], _checkable(hints[name])) for name in fields}
        return cls.hint(**{n: v if hint is UNCHECKED else _convert(v, hint) for n, (v, hint) in checked.items()})


def _restore(kind: Any, value: Any) -> Any:
    """The types that msgspec leaves to us."""
    if not isinstance(kind, type):  # a generic of somebody's own
        kind = get_origin(kind) or object
    if issubclass(kind, _StandIn):
        return kind.restore(value)
    if issubclass(kind, PurePath) and isinstance(value, str):
        return kind(value)
    if hasattr(kind, "model_validate_json"):
        return _validated(kind, value)
    if isinstance(value, kind):
        return value
    raise ValueError(f"a value of type {kind.__qualname__} cannot be made from JSON (this is `{type(value).__name__}`)")


def _validated(model: Any, value: Any) -> Any:
    """A model of pydantic, which is nothing that needs to be installed; its words in one line."""
    import msgspec

    try:
        return model.model_validate_json(msgspec.json.encode(value))
    except ValueError as error:
        flaws: Callable[[], Sequence[Any]] = getattr(error, "errors", tuple)
        raise ValueError("; ".join(f"{join_path(flaw['loc'])}: {flaw['msg']}" for flaw in flaws()) or error) from error


def _shown(hint: Any) -> str:
    """A union as its author wrote it, more or less."""
    return " | ".join(getattr(each, "__name__", str(each)) for each in get_args(hint)).replace("NoneType", "None")
