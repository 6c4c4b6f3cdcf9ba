"""Pure time: calendars, cron expressions and their unions. No clock, no database, no randomness."""

from rota.schedule.schedule import Schedule

__all__ = ["Schedule"]
