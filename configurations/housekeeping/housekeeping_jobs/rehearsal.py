"""Rehearse restarts: a service that does not answer at first."""

import logging
from pathlib import Path

from .files import replacing

log = logging.getLogger(__name__)


def ask(folder: str = "var", failures: int = 2) -> str:
    """Raise `ConnectionError` the first `failures` times, then answer, and begin anew.

    How often it was asked stands in a file in `folder`, so that it counts across processes.
    """
    count = Path(folder) / "rehearsal.count"
    asked = int(count.read_text(encoding="ascii")) if count.exists() else 0
    answers = asked >= failures
    with replacing(count) as draft:
        draft.write_text("0" if answers else str(asked + 1), encoding="ascii")
    if not answers:
        raise ConnectionError(f"no answer, {asked + 1} of {failures} times")
    log.info("it answered after %d failures", asked)
    return "answered"
