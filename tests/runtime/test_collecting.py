"""Garbage is collected seldom while a command starts, as usual afterwards, and not at the end."""

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

LEAVE = """
import gc, weakref
from rota.runtime.collecting import collect_no_more
class Node: ...
node = Node()
node.itself = node
watched = weakref.ref(node)
collect_no_more()
del node
gc.collect()
assert watched() is not None
"""


def test_an_engine_collects_as_every_program_does_but_not_what_was_there_before() -> None:
    """In a process of its own: commands that other tests call have set what is usual aside."""
    subprocess.run([sys.executable, "-c", LOOK], check=True)


def test_what_is_left_at_the_end_goes_with_the_process() -> None:
    subprocess.run([sys.executable, "-c", LEAVE], check=True)
