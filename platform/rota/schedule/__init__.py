"""Pure time: calendars, cron expressions and their unions. No clock, no database, no randomness."""

from rota.schedule.assess import Assessment
from rota.schedule.durations import parse_duration, parse_seconds
from rota.schedule.occurrence import Occurrence
from rota.schedule.problems import ScheduleError, ScheduleProblem
from rota.schedule.schedule import Schedule

__all__ = [
    "Assessment",
    "Occurrence",
    "Schedule",
    "ScheduleError",
    "ScheduleProblem",
    "parse_duration",
    "parse_seconds",
]
