"""`rota schedule`: schedules in words, and their next starts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output
from rota.cli.command import command, group, ready_context, wants_json

if TYPE_CHECKING:
    from rota.schedule import Schedule

app = group("Look at schedules: of jobs, or written out.")

Expression = Annotated[
    str, typer.Argument(metavar="EXPR|NAME", help="A schedule as YAML, a cron expression, or a scheduled job's name.")
]
Timezone = Annotated[str, typer.Option(metavar="ZONE", help="The zone of an expression that names none.")]


@command(app, "next")
def next_(
    expression: Expression,
    from_: Annotated[str | None, typer.Option("--from", metavar="TIME", help="From when on [default now].")] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 10,
    timezone: Timezone = "UTC",
) -> None:
    """Show the next starts."""
    schedule, since = _schedule(expression, timezone)
    after = _instant(from_, schedule)
    occurrences = schedule.next_occurrences(after, count, active_since=since)
    if wants_json():
        output.json([{"start": o.start, "closes_at": o.closes_at, "stop_at": o.stop_at} for o in occurrences])
        return
    if not occurrences:
        output.note("no start after that")
    for occurrence in occurrences:
        output.data(_local(occurrence.start, schedule))


@command(app, "describe")
def describe(expression: Expression, timezone: Timezone = "UTC") -> None:
    """Say a schedule in words."""
    schedule, _ = _schedule(expression, timezone)
    if wants_json():
        output.json({"text": schedule.describe(), "schedule": schedule.to_data()})
    else:
        output.data(schedule.describe())


def _schedule(expression: str, timezone: str) -> tuple[Schedule, datetime | None]:
    """The schedule that the expression is, or that the job of that name has, and since when it is active."""
    from rota.app.schedules import looks_like_a_name, read_schedule

    if not looks_like_a_name(expression):
        return read_schedule(expression, timezone), None
    from rota.app import scheduled
    from rota.model.errors import UsageError

    job = scheduled.find(ready_context(), expression)
    schedule = job.schedule
    if schedule is None:
        raise UsageError(f"scheduled job {job.name!r} has no schedule")
    return schedule, job.active_since


def _instant(text: str | None, schedule: Schedule) -> datetime:
    from rota.model.errors import UsageError
    from rota.runtime.clock import SystemClock
    from rota.schedule.zones import zone

    if text is None:
        return SystemClock().now()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--from {text!r} is not a time such as 2026-12-31T09:00 or 2026-12-31") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=zone(schedule.timezone).info)


def _local(instant: datetime, schedule: Schedule) -> str:
    """A start on the schedule's own wall clock, with weekday and offset."""
    from rota.schedule.zones import zone

    local = instant.astimezone(zone(schedule.timezone).info)
    return f"{local:%a %Y-%m-%d %H:%M:%S %z} ({instant.astimezone(UTC):%H:%M:%S} UTC)"
