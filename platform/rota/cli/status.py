"""`rota status`: engines, revisions, counts, overrides, what is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from rota.cli import output
from rota.cli.command import command, ready_context, wants_json

if TYPE_CHECKING:
    from rota.model.scheduled_job import Override


def add_to(app: typer.Typer) -> None:
    command(app, "status")(status)


def status() -> None:
    """Show engines, configurations, and what needs a look."""
    from rota.app.status import status as read_status

    now = read_status(ready_context())
    if wants_json():
        output.json(now.to_data())
        return
    names = [(each.name, each.revision, each.applied_at) for each in now.configurations]
    counts = ", ".join(f"{count} {state}" for state, count in sorted(now.background_jobs.items())) or "none"
    used = sum(1 for job in now.scheduled_jobs if job.use)
    output.facts(
        [
            ("database", now.database),
            *(("engine", f"{node.name}, since {output.when(node.started_at)}") for node in now.nodes),
            ("engine", "" if now.engine_active else "none: jobs wait until `rota run` is started"),
            *(("configuration", f"{n}, revision {r}, applied {output.when(at)}") for n, r, at in names),
            ("configuration", "" if names else "none: `rota apply CONFIG` applies one"),
            ("scheduled jobs", f"{len(now.scheduled_jobs)}, {used} in use"),
            ("background jobs", counts),
            (
                "overridden",
                ", ".join(
                    f"{job.name} ({', '.join(_override(name, each) for name, each in job.overrides.items())})"
                    for job in now.overridden
                ),
            ),
            *(("unresolved", f"{job.name}: {job.unresolved}") for job in now.unresolved),
            ("late", ", ".join(f"{job.name} since {output.when(job.look_at)}" for job in now.late)),
        ]
    )


def _override(name: str, override: Override) -> str:
    return f"{name} until {output.when(override.until)}" if override.until else name
