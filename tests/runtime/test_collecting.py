"""Garbage is collected seldom while a command starts, and as usual afterwards."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import gc
usual = gc.get_threshold()
from rota.runtime.collecting import collect_as_usual, collect_seldom
collect_seldom()
assert gc.get_threshold()[0] > usual[0]
collect_as_usual()
assert gc.get_threshold() == usual
assert gc.get_freeze_count() > 0
"""


def test_an_engine_collects_as_every_program_does_but_not_what_was_there_before() -> None:
    """In a process of its own: commands that other tests call have set what is usual aside."""
    subprocess.run([sys.executable, "-c", LOOK], check=True)
