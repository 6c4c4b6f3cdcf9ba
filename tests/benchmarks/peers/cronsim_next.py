"""The next start with cronsim: one parsed `CronSim`, moved to each instant.

Its interface would parse anew for each instant; to set its place in time is what costs least.
"""

from datetime import datetime

from cronsim import CronSim

from tests.benchmarks import script
from tests.benchmarks.next_start import BEGIN, Question, measure, zone_of

EXPRESSIONS = {
    "minutes": "*/5 * * * *",
    "weekdays": "0 9 * * 1-5",
    "last_day": "0 9 L * *",
    "wednesday": "0 9 * * 3#2",
    "nightly": "0 20 * * *",
    "night_hours": "0 0-8,20-23 * * *",
}


def question(simulated: CronSim) -> Question:
    """How a parsed expression is asked."""

    def next_start(instant: datetime) -> datetime:
        simulated.dt = instant
        return next(simulated)

    return next_start


def main() -> None:
    """Answer and time the lines that an expression can say."""
    asked = script.arguments("dst")
    zone = zone_of(asked.dst)
    questions = {}
    for name, expression in EXPRESSIONS.items():
        # As its constructor does: without a zone where it mends the answer afterwards.
        simulated = CronSim(expression, BEGIN.astimezone(zone))
        naive = simulated.fixup_tz is not None

        def prepare(instant: datetime, naive: bool = naive) -> datetime:
            local = instant.astimezone(zone)
            return local.replace(tzinfo=None) if naive else local

        questions[name] = question(simulated), prepare
    script.answer(script.named("cronsim"), **measure(questions, zone, asked.jobs))


if __name__ == "__main__":
    script.run(main)
