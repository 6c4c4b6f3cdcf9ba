"""The next start with dateutil: the first of an `rrule` that begins at each instant.

A rule is otherwise walked from its own beginning, which takes many times as long; only where it counts from there,
as every second week does, there is no other way.
"""

from datetime import datetime
from typing import Any

from dateutil.rrule import DAILY, HOURLY, MINUTELY, MO, MONTHLY, WE, WEEKLY, YEARLY, rrule

from tests.benchmarks import script
from tests.benchmarks.next_start import BEGIN, Question, measure, zone_of

AT_NINE = {"byhour": 9, "byminute": 0, "bysecond": 0}
RULES: dict[str, dict[str, Any]] = {
    "minutes": {"freq": MINUTELY, "byminute": range(0, 60, 5), "bysecond": 0},
    "weekdays": {"freq": WEEKLY, "byweekday": range(5), **AT_NINE},
    "last_day": {"freq": MONTHLY, "bymonthday": -1, **AT_NINE},
    "wednesday": {"freq": MONTHLY, "byweekday": WE(2), **AT_NINE},
    "second_week": {"freq": WEEKLY, "interval": 2, "byweekday": MO, **AT_NINE},
    "nightly": {"freq": DAILY, "byhour": 20, "byminute": 0, "bysecond": 0},
    "night_hours": {"freq": HOURLY, "byhour": [*range(9), *range(20, 24)], "byminute": 0, "bysecond": 0},
    "leap_monday": {"freq": YEARLY, "bymonth": 2, "bymonthday": 29, "byweekday": MO, **AT_NINE},
}


def question(name: str, rule: rrule) -> Question:
    """How a rule is asked."""

    def from_there(instant: datetime) -> datetime | None:
        return next(iter(rule.replace(dtstart=instant)), None)

    def from_its_beginning(instant: datetime) -> datetime | None:
        after: datetime | None = rule.after(instant)
        return after

    return from_its_beginning if name == "second_week" else from_there


def main() -> None:
    """Answer and time every line but the one that never comes, which a rule searches to the year 9999."""
    asked = script.arguments("dst")
    zone = zone_of(asked.dst)
    begin = BEGIN.astimezone(zone).replace(hour=0)
    questions = {name: question(name, rrule(dtstart=begin, **rule)) for name, rule in RULES.items()}
    figures = measure(
        {name: (each, lambda instant: instant.astimezone(zone)) for name, each in questions.items()}, zone, asked.jobs
    )
    script.answer(f"{script.named('python-dateutil')}: rrule", **figures)


if __name__ == "__main__":
    script.run(main)
