"""`rota schedule`: schedules in words, and their next starts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output
from rota.cli.command import command, group, ready_context, wants_json

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rota.schedule import Schedule

app = group("Look at schedules: of jobs, or written out.")

Expression = Annotated[
    str, typer.Argument(metavar="EXPR|NAME", help="A schedule as YAML, a cron expression, or a scheduled job's name.")
]


@command(app, "next")
def next_(
    expression: Expression,
    from_: Annotated[str | None, typer.Option("--from", metavar="TIME", help="From when on [default now].")] = None,
    count: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="How many.")] = 10,
    timezone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="The zone of TIME, of what is shown, and of an expression that names none."),
    ] = None,
) -> None:
    """Show the next starts."""
    from rota.app.schedules import read_zone

    schedule, since = _schedule(expression, timezone)
    zone = read_zone(timezone or schedule.timezone)
    occurrences = schedule.next_occurrences(_instant(from_, zone), count, active_since=since)
    if wants_json():
        output.json([{"start": o.start, "closes_at": o.closes_at, "stop_at": o.stop_at} for o in occurrences])
        return
    if not occurrences:
        output.note("no start after that")
    for occurrence in occurrences:
        output.data(_local(occurrence.start, zone))


@command(app, "describe")
def describe(
    expression: Expression,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of an expression that names none.")
    ] = None,
) -> None:
    """Say a schedule in words."""
    schedule, _ = _schedule(expression, timezone)
    if wants_json():
        output.json({"text": schedule.describe(), "schedule": schedule.to_data()})
    else:
        output.data(schedule.describe())


def _schedule(expression: str, timezone: str | None) -> tuple[Schedule, datetime | None]:
    """The schedule that the expression is, or that the job of that name has, and since when it is active."""
    from rota.app.schedules import looks_like_a_name, read_schedule, read_zone

    zone = read_zone(timezone or "UTC")
    if not looks_like_a_name(expression):
        return read_schedule(expression, zone.key), None
    from rota.app import scheduled
    from rota.model.errors import UsageError

    job = scheduled.find(ready_context(), expression)
    schedule = job.schedule
    if schedule is None:
        raise UsageError(f"scheduled job {job.name!r} has no schedule")
    if not job.use:
        output.note(f"{job.name} is switched off: it starts only after `rota scheduled enable {job.name}`")
    return schedule, job.active_since


def _instant(text: str | None, zone: ZoneInfo) -> datetime:
    from rota.model.errors import UsageError
    from rota.runtime.clock import SystemClock

    if text is None:
        return SystemClock().now()
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = "" if "isoformat" in str(error) else f" ({error})"
        message = f"--from {text!r} is not a time such as 2026-12-31T09:00 or 2026-12-31{reason}"
        raise UsageError(message) from error


def _local(instant: datetime, zone: ZoneInfo) -> str:
    """A start on the zone's wall clock, with weekday and offset."""
    local = instant.astimezone(zone)
    return f"{local:%a} {local.date()} {local:%H:%M:%S %z} ({instant.astimezone(UTC):%H:%M:%S} UTC)"
