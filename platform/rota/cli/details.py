"""One background job in full: its facts, attempts, output and traceback. Used by `rota jobs show`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rota.app.logs import seconds, words
from rota.cli import output, wording
from rota.model.background_job import AttemptRecord, BackgroundJob
from rota.model.record import Record, Stream


def show(job: BackgroundJob, records: Sequence[Record]) -> None:
    """For people: the traceback comes last, where the eye is when the command has run."""
    output.facts(_facts(job))
    output.facts((f"attempt {each.number}", _attempt_text(each)) for each in job.attempts)
    for record in records:
        lead = f"{output.when(record.at)}  {record.stream:<8}  "
        output.data(lead + output.hanging(words(record.stream, record.data), len(lead)))
    if job.error and job.error.traceback:
        output.data(job.error.traceback.rstrip())


def to_data(job: BackgroundJob, records: Sequence[Record]) -> dict[str, Any]:
    """The JSON form: the job's fields, its attempts and its records."""
    return {
        **job.to_data(),
        "attempts": [each.to_data() for each in job.attempts],
        "records": [each.to_data() for each in records],
    }


def _facts(job: BackgroundJob) -> list[tuple[str, str]]:
    progress = {"fraction": job.progress.fraction, "text": job.progress.text}
    return [
        ("name", job.name),
        ("id", job.id),
        ("runs", job.method or str(job.command)),
        *(wording.command(job.command.to_data()) if job.command else ()),
        ("parameters", wording.as_json(job.parameters or None)),
        ("state", f"{job.state}: {job.reason}" if job.reason else str(job.state)),
        ("key", job.key or ""),
        ("user", job.user),
        ("executor", job.executor),
        ("created", output.when(job.created_at)),
        ("due", output.when(job.due_at) if job.due_at != job.created_at else ""),
        ("began", output.when(job.begin_at) if job.begin_at else ""),
        ("ended", output.when(job.end_at) if job.end_at else ""),
        ("took", seconds(job.begin_at, job.end_at)),
        ("on", job.location or ""),
        ("parent", job.parent or ""),
        ("children", ", ".join(f"{count} {state}" for state, count in sorted((job.children or {}).items()))),
        ("progress", words(Stream.PROGRESS, progress)),
        ("result", wording.as_json(job.result)),
    ]


def _attempt_text(attempt: AttemptRecord) -> str:
    why = f": {attempt.error.type}: {attempt.error.message}" if attempt.error else ""
    return f"{attempt.end}, {output.when(attempt.begin_at)}{why}"
