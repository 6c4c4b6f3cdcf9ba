"""Errors of Rota as JSON, for their way between a running method and the engine, and back as what they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.model import errors
from rota.model.errors import RotaError
from rota.model.values import Json


def error_to_data(error: RotaError) -> dict[str, Json]:
    """Its kind, its text and its facts."""
    facts = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(error).items()}
    return {"type": type(error).__name__, "message": str(error), "facts": facts}


def error_from_data(data: Mapping[str, Any]) -> RotaError:
    """The error, with its text and facts; `RotaError` itself where this version knows no such kind."""
    kind = getattr(errors, data["type"], RotaError)
    if not (isinstance(kind, type) and issubclass(kind, RotaError)):
        kind = RotaError
    error = kind.__new__(kind)
    Exception.__init__(error, data["message"])
    for name, value in data["facts"].items():
        setattr(error, name, tuple(value) if isinstance(value, list) else value)
    return error
