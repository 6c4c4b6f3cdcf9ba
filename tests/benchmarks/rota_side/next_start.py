"""The next start with Rota: `Schedule.next_occurrences` of a parsed schedule, asked about instants in UTC."""

from datetime import datetime

from rota import Schedule
from tests.benchmarks import script
from tests.benchmarks.next_start import BEGIN, ZONES, Question, measure, zone_of

DAILY = {"days_repeat_period": 1}
AT_NINE = {**DAILY, "begin_time": "09:00"}
SCHEDULES = {
    "minutes": {**DAILY, "repeat_period_in_day": "5m"},
    "weekdays": {**AT_NINE, "week_days": ["mon", "tue", "wed", "thu", "fri"]},
    "last_day": {**AT_NINE, "day_in_month": -1},
    "wednesday": {**AT_NINE, "week_days": ["wed"], "week_day_in_month": 2},
    "second_week": {**AT_NINE, "week_days": ["mon"], "weeks_period": 2, "begin_date": f"{BEGIN:%Y-%m-%d}"},
    "nightly": {**DAILY, "begin_time": "20:00", "end_time": "08:00"},
    "night_hours": {**DAILY, "begin_time": "20:00", "end_time": "08:00", "repeat_period_in_day": "1h"},
    "leap_monday": {**AT_NINE, "months": ["feb"], "day_in_month": 29, "week_days": ["mon"]},
    "never": {**AT_NINE, "months": ["feb"], "day_in_month": 30},
}


def question(schedule: Schedule) -> Question:
    """How a parsed schedule is asked."""

    def next_start(instant: datetime) -> datetime | None:
        found = schedule.next_occurrences(instant, 1)
        return found[0].start if found else None

    return next_start


def main() -> None:
    """Answer and time every line."""
    asked = script.arguments("dst")
    zone = zone_of(asked.dst)
    questions = {name: question(Schedule.parse(data, timezone=ZONES[asked.dst])) for name, data in SCHEDULES.items()}
    figures = measure({name: (each, _as_it_is) for name, each in questions.items()}, zone, asked.jobs)
    script.answer(f"{script.named('rota')}: Schedule.next_occurrences", **figures)


def _as_it_is(instant: datetime) -> datetime:
    return instant


if __name__ == "__main__":
    script.run(main)
