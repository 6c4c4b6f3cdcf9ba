"""Rules of `renamed_from`: what a job was called before can be no other job's name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rota.configuration.codes import Code
from rota.configuration.declared import Declared, DeclaredJob, Part
from rota.configuration.document import Findings
from rota.configuration.memory import Memory
from rota.configuration.parse import KeyPath


def check_renames(declared: Declared, findings: Findings, memory: Memory) -> None:
    """Add every old name that a job still has, or that two jobs claim."""
    claimed: dict[str, DeclaredJob] = {}
    for job, old in _renamed(declared, memory):
        first = claimed.setdefault(old, job)
        rests_on: KeyPath = (*first.path, "renamed_from")
        if old == job.name:
            message, hint = "is the job's own name", "leave the key out"
        elif old in declared.jobs:
            other = declared.jobs[old]
            rests_on = other.path
            message = f"the job {old} still exists ({other.document.locate(other.path, at_key=True)})"
            hint = "remove one of the two jobs, or the key"
        elif first is not job:
            message = f"the job {first.name} is renamed from {old} too"
            hint = "only one job can take over its history"
        else:
            continue
        path = (*job.path, "renamed_from")
        findings.add(job.document, path, Code.RENAME, message, hint=hint, rests_on=[rests_on])


def _renamed(declared: Declared, memory: Memory) -> Iterator[tuple[DeclaredJob, str]]:
    for part in declared.parts:
        yield from memory.recall(part.document, "renames", partial(_renamed_of, part), given=part.left_out)


def _renamed_of(part: Part) -> list[tuple[DeclaredJob, str]]:
    return [(job, old) for job in part.jobs.values() if (old := job.text("renamed_from")) is not None]
