"""The second depth of validation: everything that is wrong although each file has the right shape.

Each module holds the rules of one subject. They look at data that may have any shape, say nothing about values whose
shape is wrong (the schema has), and add all they find.
"""

from __future__ import annotations

from functools import partial

from rota.configuration.declared import Declared, Part
from rota.configuration.document import Findings
from rota.configuration.memory import Memory
from rota.configuration.semantics.header import Ground, check_header
from rota.configuration.semantics.jobs import check_job
from rota.configuration.semantics.renames import check_renames
from rota.configuration.semantics.schedules import Schedules

__all__ = ["Schedules", "check_semantics"]


def check_semantics(declared: Declared, schedules: Schedules, findings: Findings, memory: Memory) -> None:
    """Add every problem that takes more than one value to see."""
    ground = check_header(declared, findings)
    for part in declared.parts:
        check = partial(_check_jobs, part, ground, schedules, findings)
        given = (part.left_out, schedules, ground)
        findings.include(memory.recall(part.document, "semantics", check, given=given))
    check_renames(declared, findings, memory)


def _check_jobs(part: Part, ground: Ground, schedules: Schedules, before: Findings) -> Findings:
    """What is wrong with the jobs of one document; what was found `before` in another document is nothing to them."""
    findings = Findings(within=before)
    for job in part.jobs.values():
        check_job(job, ground, findings)
        schedules.check(job, ground.timezone, findings)
    return findings.apart()
