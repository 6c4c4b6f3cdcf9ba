"""Writes an imported configuration into a new folder, complete or not at all. Called by the command line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rota.configuration.editors import editor_schema
from rota.configuration.schema import SCHEMA
from rota.importers.imported import Imported, ImportedJob, require_valid
from rota.importers.yaml_text import block, comment, flow
from rota.model.errors import UsageError

JOBS = "jobs.yaml"


def write(imported: Imported, folder: Path, *, force: bool = False) -> None:
    """Write the configuration, its modules and the schema that editors use into `folder`.

    Raises `ConfigurationError` for what is not valid, and `UsageError` for a folder that cannot be written or has
    something in it; `force` replaces files of the same names there and leaves all others alone.
    """
    require_valid(imported)
    try:
        require_free(folder, force=force)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
            made = Path(scratch, "made")
            _fill(made, imported)
            if folder.exists():
                _replace(made, folder)
            else:
                made.rename(folder)
    except OSError as error:
        raise UsageError(f"--to {folder}: cannot be written: {error.strerror}") from error


def require_free(folder: Path, *, force: bool) -> None:
    """Raises `UsageError` if something is there that writing would touch."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--to {folder}: is a file, not a folder")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"--to {folder}: is not empty; name another folder, or use --force to replace its files")


def jobs_text(imported: Imported) -> str:
    """The YAML file."""
    return "\n".join(_lines(imported)) + "\n"


def _fill(folder: Path, imported: Imported) -> None:
    for name, text in {**imported.files, JOBS: jobs_text(imported)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / SCHEMA).write_text(editor_schema(SCHEMA), encoding="utf-8")


def _replace(made: Path, folder: Path) -> None:
    """File by file, each at once; the jobs last, so that their methods exist when they appear."""
    files = [path.relative_to(made) for path in made.rglob("*") if path.is_file()]
    for file in sorted(files, key=lambda path: (path == Path(JOBS), path)):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (made / file).replace(folder / file)


def _lines(imported: Imported) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={SCHEMA}"
    yield "#"
    yield from comment(f"Imported by `rota import {imported.importer}` from {imported.source}.")
    for finding in imported.findings:
        yield from comment(f"Note: {finding.message}")
    yield "rota: 1"
    yield ""
    yield "configuration:"
    yield from block(imported.header, 2)
    yield ""
    yield "jobs:"
    for index, job in enumerate(imported.jobs):
        if index:
            yield ""
        yield from _job_lines(job)


def _job_lines(job: ImportedJob) -> Iterator[str]:
    yield from comment(f"From {job.place}", 2)
    for remark in job.remarks:
        yield from comment(remark, 2)
    for finding in job.findings:
        yield from comment(f"Note: {finding.message}", 2)
    yield f"  {flow(job.name)}:"
    yield from block(job.body, 4)
