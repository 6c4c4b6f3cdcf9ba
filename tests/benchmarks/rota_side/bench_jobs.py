"""Rota's jobs: the same no-ops as the peers'. Imported by the engine that is measured."""

import itertools
import os

from tests.benchmarks.stamps import stamp

_runs = itertools.count()


def numbered(number: int) -> list[int]:
    """Do nothing; the stored result names the run, so that a job run twice shows as a number missing."""
    return [os.getpid(), next(_runs)]


def nothing(number: int) -> None:
    """Do nothing and leave nothing."""


def stamped(number: int) -> None:
    """Note when it begins."""
    stamp(number)
