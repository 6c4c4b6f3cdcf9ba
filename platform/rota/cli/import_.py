"""`rota import`: other systems' jobs as a configuration, with a report of what did not fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output, wording
from rota.cli.command import command, group, wants_json

if TYPE_CHECKING:
    from rota.importers.imported import Imported

app = group("Bring in the jobs of other systems as a configuration.")

To = Annotated[Path, typer.Option(metavar="DIR", help="The new folder.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files of the same names in a folder that is not empty.")]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="The configuration's name [default: the source's].")]
Timezone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="The zone of schedules that name none [default UTC].")
]

DEFAULT = Path("imported")


@command(app, "onec")
def onec(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A designer's XML dump or an EDT project.")],
    to: To = DEFAULT,
    force: Force = False,
    name: Name = None,
    timezone: Timezone = None,
) -> None:
    """The scheduled jobs of a 1C:Enterprise configuration; their methods become stubs."""
    from rota.importers.onec import read_onec

    _write(read_onec(folder, name=name, timezone=timezone), to, force=force)


@command(app, "crontab")
def crontab(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A crontab.")],
    system: Annotated[bool, typer.Option("--system", help="A user stands before each command.")] = False,
    to: To = DEFAULT,
    force: Force = False,
    name: Name = None,
    timezone: Timezone = None,
) -> None:
    """The jobs of a crontab, of a user or of the system."""
    from rota.importers.crontab import read_crontab

    _write(read_crontab(file, system=system, name=name, timezone=timezone), to, force=force)


@command(app, "kubernetes")
def kubernetes(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of manifests.")],
    to: To = DEFAULT,
    force: Force = False,
    name: Name = None,
    timezone: Timezone = None,
) -> None:
    """The CronJobs of a file of Kubernetes manifests."""
    from rota.importers.kubernetes import read_kubernetes

    _write(read_kubernetes(file, name=name, timezone=timezone), to, force=force)


@command(app, "celery-beat")
def celery_beat(
    module: Annotated[str, typer.Argument(metavar="MODULE|FILE", help="A Celery application's module, or a dump.")],
    to: To = DEFAULT,
    force: Force = False,
    name: Name = None,
    timezone: Timezone = None,
) -> None:
    """The beat schedule of a Celery application; its tasks become stubs."""
    from rota.importers.celery_beat import read_celery_beat

    _write(read_celery_beat(module, name=name, timezone=timezone), to, force=force)


def _write(imported: Imported, folder: Path, *, force: bool) -> None:
    from rota.cli import problems
    from rota.importers.writing import write

    write(imported, folder, force=force)
    report = imported.report
    if wants_json():
        findings = [problems.to_data(finding) for finding in report]
        output.json({"folder": str(folder), "jobs": [job.name for job in imported.jobs], "findings": findings})
    else:
        problems.show(report)
    counts = f"{wording.counted(len(imported.jobs), 'job')}, {wording.counted(len(report), 'finding')}"
    output.note(f"{folder}: written ({counts})")
    output.note(f"next: rota validate {folder}")
