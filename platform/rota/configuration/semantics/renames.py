"""Rules of `renamed_from`: what a job was called before can be no other job's name."""

from __future__ import annotations

from rota.configuration.codes import Code
from rota.configuration.declared import Declared, DeclaredJob
from rota.configuration.document import Findings


def check_renames(declared: Declared, findings: Findings) -> None:
    """Add every old name that a job still has, or that two jobs claim."""
    claimed: dict[str, DeclaredJob] = {}
    for job in declared.jobs.values():
        old = job.text("renamed_from")
        if old is None:
            continue
        first = claimed.setdefault(old, job)
        if old == job.name:
            message, hint = "is the job's own name", "leave the key out"
        elif old in declared.jobs:
            other = declared.jobs[old]
            message = f"the job {old} still exists ({other.document.locate(other.path, at_key=True)})"
            hint = "remove one of the two jobs, or the key"
        elif first is not job:
            message = f"the job {first.name} is renamed from {old} too"
            hint = "only one job can take over its history"
        else:
            continue
        findings.add(job.document, (*job.path, "renamed_from"), Code.RENAME, message, hint=hint)
