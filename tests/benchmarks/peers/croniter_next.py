"""The next start with croniter: one parsed `croniter`, `get_next` with each instant as its start."""

from datetime import datetime

from croniter import CroniterBadDateError, croniter

from tests.benchmarks import script
from tests.benchmarks.next_start import BEGIN, Question, measure, zone_of

EXPRESSIONS = {
    "minutes": "*/5 * * * *",
    "weekdays": "0 9 * * 1-5",
    "last_day": "0 9 L * *",
    "wednesday": "0 9 * * 3#2",
    "nightly": "0 20 * * *",
    "night_hours": "0 0-8,20-23 * * *",
    "leap_monday": "0 9 29 2 1",
    "never": "0 9 30 2 *",
}


def question(parsed: croniter) -> Question:
    """How a parsed expression is asked."""

    def next_start(instant: datetime) -> datetime | None:
        try:
            found: datetime = parsed.get_next(datetime, start_time=instant)
        except CroniterBadDateError:
            return None
        return found

    return next_start


def main() -> None:
    """Answer and time the lines that an expression can say; a day has to match both day fields."""
    asked = script.arguments("dst")
    zone = zone_of(asked.dst)
    questions = {
        name: (question(croniter(text, BEGIN.astimezone(zone), day_or=False)), lambda instant: instant.astimezone(zone))
        for name, text in EXPRESSIONS.items()
    }
    script.answer(script.named("croniter"), **measure(questions, zone, asked.jobs))


if __name__ == "__main__":
    script.run(main)
