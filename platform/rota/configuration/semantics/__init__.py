"""The second depth of validation: everything that is wrong although each file has the right shape.

Each module holds the rules of one subject. They look at data that may have any shape, say nothing about values whose
shape is wrong (the schema has), and add all they find.
"""

from __future__ import annotations

from rota.configuration.declared import Declared
from rota.configuration.document import Findings
from rota.configuration.semantics.header import check_header
from rota.configuration.semantics.jobs import check_job
from rota.configuration.semantics.renames import check_renames
from rota.configuration.semantics.schedules import Schedules

__all__ = ["Schedules", "check_semantics"]


def check_semantics(declared: Declared, schedules: Schedules, findings: Findings) -> None:
    """Add every problem that takes more than one value to see."""
    timezone = check_header(declared, findings)
    for job in declared.jobs.values():
        check_job(job, declared, findings)
        schedules.check(job, timezone, findings)
    check_renames(declared, findings)
