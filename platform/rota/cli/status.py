"""`rota status`: engines, locks, revisions, counts, overrides, what is late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from rota.cli import output
from rota.cli.command import command, ready_context, wants_json

if TYPE_CHECKING:
    from rota.model.lock import Lock
    from rota.model.scheduled_job import Override, ScheduledJob


def add_to(app: typer.Typer) -> None:
    command(app, "status")(status)


def status() -> None:
    """Show engines, locks, configurations, and what needs a look."""
    from rota.app.status import status as read_status

    now = read_status(ready_context())
    if wants_json():
        output.json(now.to_data())
        return
    everything = now.user is None
    names = [(each.name, each.revision, each.applied_at) for each in now.configurations]
    counts = ", ".join(f"{count} {state}" for state, count in sorted(now.background_jobs.items())) or "none"
    used = sum(1 for job in now.scheduled_jobs if job.use)
    output.facts(
        [
            ("database", now.database),
            *(("engine", f"{node.name}, since {output.when(node.started_at)}") for node in now.nodes),
            ("engine", "" if now.engine_active else "none: jobs wait until `rota run` is started"),
            *(("locked", _lock(lock)) for lock in now.locks),
            *(("configuration", f"{n}, revision {r}, applied {output.when(at)}") for n, r, at in names),
            ("configuration", "none: `rota apply CONFIG` applies one" if everything and not names else ""),
            ("scheduled jobs", f"{len(now.scheduled_jobs)}, {used} in use" if everything else ""),
            ("background jobs", counts if everything else f"{counts}, as {now.user}"),
            ("overridden", ", ".join(_overridden(job) for job in now.overridden)),
            *(("unresolved", f"{job.name}: {job.unresolved}") for job in now.unresolved),
            *(("stranded", f"{n} waiting for executor {queue}, which is gone") for queue, n in now.stranded.items()),
            ("late", ", ".join(f"{job.name} since {output.when(job.look_at)}" for job in now.late)),
        ]
    )


def _overridden(job: ScheduledJob) -> str:
    return f"{job.name} ({', '.join(_override(name, each) for name, each in job.overrides.items())})"


def _override(name: str, override: Override) -> str:
    return f"{name} until {output.when(override.until)}" if override.until else name


def _lock(lock: Lock) -> str:
    until = f" until {output.when(lock.until)}" if lock.until else ""
    return f"{lock.name}, by {lock.holder}, since {output.when(lock.since)}{until}: {lock.reason}"
