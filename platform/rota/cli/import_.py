"""`rota import`: other systems' jobs as a configuration, with a report of what did not fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rota.cli import output
from rota.cli.arguments import given_path
from rota.cli.command import command, given, group, wants_json
from rota.model.counting import counted

if TYPE_CHECKING:
    from rota.importers.imported import Imported

app = group("Bring in the jobs of other systems as a configuration.")

TARGET: dict[str, tuple[Any, Any]] = {
    "to": (Annotated[Path, typer.Option(metavar="DIR", help="The new folder.", parser=given_path)], Path("imported")),
    "force": (
        Annotated[bool, typer.Option("--force", help="Replace files of the same names in a folder that is not empty.")],
        False,
    ),
    "name": (
        Annotated[str | None, typer.Option(metavar="NAME", help="The configuration's name [default: the source's].")],
        None,
    ),
    "timezone": (
        Annotated[str | None, typer.Option(metavar="ZONE", help="The zone of schedules that name none [default UTC].")],
        None,
    ),
}
"""The options of every import: where it writes, and what its source does not say."""


@command(app, "onec", also=TARGET)
def onec(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A designer's XML dump or an EDT project.")],
) -> None:
    """The scheduled jobs of 1C:Enterprise.

    Their methods become stubs.
    """
    from rota.importers.onec import read_onec

    _write(read_onec(folder, name=given("name"), timezone=given("timezone")))


@command(app, "crontab", also=TARGET)
def crontab(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A crontab.")],
    system: Annotated[bool, typer.Option("--system", help="A user stands before each command.")] = False,
) -> None:
    """The jobs of a crontab, of a user or of the system."""
    from rota.importers.crontab import read_crontab

    _write(read_crontab(file, system=system, name=given("name"), timezone=given("timezone")))


@command(app, "kubernetes", also=TARGET)
def kubernetes(file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of manifests.")]) -> None:
    """The CronJobs of a file of Kubernetes manifests."""
    from rota.importers.kubernetes import read_kubernetes

    _write(read_kubernetes(file, name=given("name"), timezone=given("timezone")))


@command(app, "celery-beat", also=TARGET)
def celery_beat(
    module: Annotated[str, typer.Argument(metavar="MODULE|FILE", help="A Celery application's module, or a dump.")],
) -> None:
    """The beat schedule of a Celery application.

    Its tasks become stubs.
    """
    from rota.importers.celery_beat import read_celery_beat

    _write(read_celery_beat(module, name=given("name"), timezone=given("timezone")))


def _write(imported: Imported) -> None:
    from rota.cli import problems
    from rota.importers.writing import write

    folder = given("to")
    write(imported, folder, force=given("force"))
    report = imported.report
    if wants_json():
        findings = [finding.to_data() for finding in report]
        output.json({"folder": str(folder), "jobs": [job.name for job in imported.jobs], "findings": findings})
    else:
        problems.show(report)
    counts = f"{counted(len(imported.jobs), 'job')}, {counted(len(report), 'finding')}"
    output.note(f"{folder}: written ({counts})")
    output.note(f"next: rota validate {folder}")
