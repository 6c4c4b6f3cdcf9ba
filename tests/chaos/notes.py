"""Notes outside the database, by which it is judged: who started what, and which attempts really ran.

The methods of the workload and the clients write them, history.py reads them. A note is a line of JSON that one write
puts at the end of a file and on the disk: whoever is killed afterwards has made it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = "CHAOS_NOTES"
"""The environment variable that tells methods where to put theirs."""

EXECUTIONS, CLIENTS, PULSE = "executions", "clients", "pulse"
"""A file for every execution of a method, one for every client, and one that every execution touches as it begins."""


def prepare(folder: Path) -> None:
    """Make the places of all notes."""
    for name in (EXECUTIONS, CLIENTS):
        (folder / name).mkdir(parents=True)
    (folder / PULSE).touch()


def add(file: Path, **facts: Any) -> None:
    """Add a note to the file; it is on the disk when this returns."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, (json.dumps(facts) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(file: Path) -> list[dict[str, Any]]:
    """The notes in the file, in their order."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def last_start(folder: Path) -> int:
    """When an execution began last, in nanoseconds of the machine's wall clock."""
    return (folder / PULSE).stat().st_mtime_ns
