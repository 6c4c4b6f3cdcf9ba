"""`rota scheduled`: the scheduled jobs in the database, and what people do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rota.cli import output, wording
from rota.cli.command import command, group, ready_context, wants_json
from rota.cli.moments import read_moment
from rota.cli.values import read_pairs

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.model.scheduled_job import ScheduledJob

app = group("Scheduled jobs: look, override, reset, start by hand.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name, id, or CONFIGURATION/NAME of a scheduled job.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept with the override.")]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="When it ends by itself: 2026-12-31T18:00, or 2h from now."),
]
Pairs = Annotated[list[str], typer.Argument(metavar="PROPERTY=VALUE...", help="Values are YAML.")]


@command(app, "list")
def list_(
    name: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only names like this; * stands for anything.")
    ] = None,
) -> None:
    """List scheduled jobs."""
    from rota.app import scheduled

    jobs = scheduled.select(ready_context(), name=name)
    if wants_json():
        output.json([job.to_data() for job in jobs])
        return
    columns = ("NAME", "USE", "NEXT START", "LAST RUN", "STATE", "SCHEDULE")
    rows = [[*_row(job), job.schedule.describe() if job.schedule else "none"] for job in jobs]
    output.table(columns, rows, none="no scheduled jobs")


def _row(job: ScheduledJob) -> list[str]:
    last = job.last_job
    use = ("on" if job.use else "off") + ("*" if "use" in job.overrides else "")
    state = "running" if job.active_job else (last.state if last else "-")
    return [job.name, use, output.when(job.next_start), output.when(last.begin_at if last else None), state]


@command(app, "show")
def show(name: Name) -> None:
    """Show one scheduled job.

    What is configured, what is overridden, when it ran and will run.
    """
    from rota.app import scheduled

    made = ready_context()
    _show(made, scheduled.find(made, name))


@command(app, "set")
def set_(name: Name, values: Pairs, reason: Reason = None, until: Until = None) -> None:
    """Override properties until they are reset, or until a time.

    For example: rota scheduled set rates use=false
    """
    made = ready_context()
    _show(made, _override(made, name, read_pairs(values), reason, until))


@command(app, "reset")
def reset(
    name: Name,
    properties: Annotated[list[str] | None, typer.Argument(metavar="PROPERTY...", help="All, if none.")] = None,
) -> None:
    """Take overrides back.

    The configured values are in force again.
    """
    from rota.app import scheduled

    made = ready_context()
    _show(made, scheduled.reset(made, name, properties or []))


@command(app, "enable")
def enable(name: Name, reason: Reason = None, until: Until = None) -> None:
    """Switch a job on, whatever its configuration says."""
    _switch(name, use=True, reason=reason, until=until)


@command(app, "disable")
def disable(name: Name, reason: Reason = None, until: Until = None) -> None:
    """Switch a job off, through every apply.

    It stays off until it is enabled or reset.
    """
    _switch(name, use=False, reason=reason, until=until)


def _switch(name: str, *, use: bool, reason: str | None, until: str | None) -> None:
    made = ready_context()
    job = _override(made, name, {"use": use}, reason, until)
    if wants_json():
        output.json(job.to_data())
    else:
        end = job.overrides["use"].until
        output.data(f"{job.name} is {'on' if use else 'off'}{f' until {output.when(end)}' if end else ''}")


def _override(
    made: Context, name: str, values: Mapping[str, Any], reason: str | None, until: str | None
) -> ScheduledJob:
    """Override, and say which overrides without an end are replaced by one with an end: they do not come back."""
    from rota.app import scheduled

    end = read_moment("--until", until, made.now())
    before = scheduled.find(made, name).overrides if end else {}
    job = scheduled.override(made, name, values, reason, end)
    for each, old in before.items():
        if each in values and old.until is None:
            was = f"the override of {each} by {old.by} ({wording.of_property(each, old.value)})"
            output.note(f"{was} is replaced: at {output.when(end)} the configured value is in force")
    return job


@command(app, "start")
def start(name: Name) -> None:
    """Start a job now, whatever its schedule says.

    Prints the id of the background job.
    """
    from rota.app import scheduled

    made = ready_context()
    started = scheduled.start(made, name)
    if wants_json():
        output.json({"id": started})
    else:
        output.data(started)
    if not made.engine_is_active():
        output.note("no engine is running on this database: it starts with the next `rota run`")


@command(app, "create")
def create(
    definition: Annotated[
        str, typer.Argument(metavar="DEFINITION", help="Name of a definition, or CONFIGURATION/NAME.")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new job.")],
    values: Annotated[list[str] | None, typer.Argument(metavar="PROPERTY=VALUE...", help="Values are YAML.")] = None,
    reason: Reason = None,
) -> None:
    """Make a scheduled job by hand from a definition."""
    from rota.app import scheduled

    made = ready_context()
    _show(made, scheduled.create(made, definition, name, read_pairs(values or []), reason))


@command(app, "delete")
def delete(name: Name) -> None:
    """Delete a scheduled job that was made by hand."""
    from rota.app import scheduled

    scheduled.delete(ready_context(), name)


def _show(made: Context, job: ScheduledJob) -> None:
    if wants_json():
        output.json(job.to_data())
        return
    shown = job.to_data()
    output.facts(
        [
            ("name", job.name),
            ("id", job.id),
            ("definition", f"{job.configuration}/{job.definition}{'' if job.predefined else ', made by hand'}"),
            ("description", shown["description"] or ""),
            ("runs", shown["method"] or " ".join(shown["command"] or ())),
            *(wording.command(shown) if shown["command"] else ()),
            ("parameters", wording.as_json(job.parameters)),
            ("use", "on" if job.use else "off"),
            ("schedule", shown["schedule_text"] or "none"),
            ("next start", output.when(job.next_start) if job.next_start else ""),
            ("key", shown["key"] or ""),
            ("user", shown["user"]),
            ("executor", shown["executor"]),
            ("retry", wording.retry(shown["retry"]) if shown["retry"]["count"] else ""),
            ("timeout", wording.span(shown["timeout"]) if shown["timeout"] else ""),
            ("running", job.active_job or ""),
            ("held", job.held or ""),
            ("unresolved", job.unresolved or ""),
        ]
    )
    _show_overrides(job)
    _show_past(made, job)


def _show_overrides(job: ScheduledJob) -> None:
    for name, override in job.overrides.items():
        why = f": {override.reason}" if override.reason else ""
        value, configured = (wording.of_property(name, each) for each in (override.value, job.configured.get(name)))
        until = f" until {output.when(override.until)}" if override.until else ""
        text = f"{value} instead of {configured}{until}, by {override.by}, {output.when(override.at)}{why}"
        output.facts([(f"override {name}", text)])


def _show_past(made: Context, job: ScheduledJob) -> None:
    from rota.app import scheduled

    last = job.last_job
    if last is not None:
        output.facts(
            [("last run", f"{last.state}, {output.when(last.begin_at)} to {output.when(last.end_at)}, {last.id}")]
        )
    for note in scheduled.missed(made, job):
        span = output.when(note.first_start)
        if note.count > 1:
            span = f"{note.count} from {span} to {output.when(note.last_start)}"
        output.facts([("missed", f"{span}: {note.reason}")])
