"""Pure time: calendars, cron expressions and their unions. No clock, no database, no randomness.

The public names are imported on first use: an engine on which no scheduled job is applied needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rota.schedule.assess import Assessment as Assessment
    from rota.schedule.durations import parse_duration as parse_duration
    from rota.schedule.durations import parse_seconds as parse_seconds
    from rota.schedule.occurrence import Occurrence as Occurrence
    from rota.schedule.problems import ScheduleError as ScheduleError
    from rota.schedule.problems import ScheduleProblem as ScheduleProblem
    from rota.schedule.schedule import Schedule as Schedule

_HOMES = {
    "Assessment": "assess",
    "Occurrence": "occurrence",
    "Schedule": "schedule",
    "ScheduleError": "problems",
    "ScheduleProblem": "problems",
    "parse_duration": "durations",
    "parse_seconds": "durations",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
