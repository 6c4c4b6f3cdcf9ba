"""The shipped test kit: a platform that runs jobs when the test says so, a settable clock, a manual timer, factories.

The names are imported on first use: pytest loads the plugin beside them in every test run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rota.testing.clock import SettableClock as SettableClock
    from rota.testing.factories import apply_configuration as apply_configuration
    from rota.testing.factories import make_configuration as make_configuration
    from rota.testing.factories import make_store as make_store
    from rota.testing.factories import queue_job as queue_job
    from rota.testing.timer import ManualTimer as ManualTimer
    from rota.testing.trial import TestPlatform as TestPlatform

_HOMES = {
    "ManualTimer": "timer",
    "SettableClock": "clock",
    "TestPlatform": "trial",
    "apply_configuration": "factories",
    "make_configuration": "factories",
    "make_store": "factories",
    "queue_job": "factories",
}

__all__ = [*_HOMES]  # noqa: PLE0604 -- names, all of them


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"rota.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'rota.testing' has no attribute {name!r}")
