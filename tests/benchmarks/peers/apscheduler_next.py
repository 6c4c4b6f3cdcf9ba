"""The next start with APScheduler 3: `get_next_fire_time` of a `CronTrigger`, or of a `CalendarIntervalTrigger`."""

from datetime import datetime
from typing import Any

from apscheduler.triggers.calendarinterval import CalendarIntervalTrigger
from apscheduler.triggers.cron import CronTrigger

from tests.benchmarks import script
from tests.benchmarks.next_start import BEGIN, Question, measure, zone_of

FIELDS: dict[str, dict[str, Any]] = {
    "minutes": {"minute": "*/5"},
    "weekdays": {"day_of_week": "mon-fri", "hour": 9},
    "last_day": {"day": "last", "hour": 9},
    "wednesday": {"day": "2nd wed", "hour": 9},
    "nightly": {"hour": 20},
    "night_hours": {"hour": "0-8,20-23"},
    "leap_monday": {"month": 2, "day": 29, "day_of_week": "mon", "hour": 9},
}


def question(trigger: CronTrigger) -> Question:
    """How a trigger is asked that has not fired."""

    def next_start(instant: datetime) -> datetime | None:
        found: datetime | None = trigger.get_next_fire_time(None, instant)
        return found

    return next_start


def second_week(trigger: CalendarIntervalTrigger) -> Question:
    """How an interval is asked: it only knows the fire time after another one, so it walks there from its first."""

    def next_start(instant: datetime) -> datetime | None:
        found: datetime | None = trigger.get_next_fire_time(None, instant)
        while found is not None and found <= instant:
            found = trigger.get_next_fire_time(found, instant)
        return found

    return next_start


def main() -> None:
    """Answer and time every line but the one that never comes, which a trigger searches to the year 9999."""
    asked = script.arguments("dst")
    zone = zone_of(asked.dst)
    questions = {name: question(CronTrigger(timezone=zone, **fields)) for name, fields in FIELDS.items()}
    questions["second_week"] = second_week(
        CalendarIntervalTrigger(weeks=2, hour=9, start_date=BEGIN.date(), timezone=zone)
    )
    figures = measure(
        {name: (each, lambda instant: instant.astimezone(zone)) for name, each in questions.items()}, zone, asked.jobs
    )
    script.answer(f"{script.named('apscheduler')}: CronTrigger, CalendarIntervalTrigger", **figures)


if __name__ == "__main__":
    script.run(main)
