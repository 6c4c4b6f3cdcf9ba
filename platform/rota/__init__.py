"""Rota: jobs as configuration.

The public names are imported on first use, so that `import rota` inside a method, and `rota --version`, cost
next to nothing.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

TYPE_CHECKING = False  # as type checkers know it, without the import of `typing`
if TYPE_CHECKING:
    from typing import Any

    from rota.app.async_facade import AsyncPlatform as AsyncPlatform
    from rota.app.async_facade import aconnect as aconnect
    from rota.app.facade import Platform as Platform
    from rota.app.facade import connect as connect
    from rota.executors.current import current_job as current_job
    from rota.model.errors import (
        BadParameters as BadParameters,
    )
    from rota.model.errors import (
        ConfigurationError as ConfigurationError,
    )
    from rota.model.errors import JobCancelled as JobCancelled
    from rota.model.errors import PermanentFailure as PermanentFailure
    from rota.model.errors import RotaError as RotaError
    from rota.model.retry import RetryPolicy as RetryPolicy
    from rota.schedule import Schedule as Schedule

_HOMES = {
    "aconnect": "rota.app.async_facade",
    "AsyncPlatform": "rota.app.async_facade",
    "connect": "rota.app.facade",
    "Platform": "rota.app.facade",
    "current_job": "rota.executors.current",
    "RetryPolicy": "rota.model.retry",
    "Schedule": "rota.schedule",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    errors = import_module("rota.model.errors")
    if name in errors.__all__:
        return getattr(errors, name)
    raise AttributeError(f"module 'rota' has no attribute {name!r}")
