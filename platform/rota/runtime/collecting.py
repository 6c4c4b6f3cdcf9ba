"""When Python looks for garbage: seldom while a command starts, as usual once an engine runs, at its end not at all.

For the command line.
"""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()

_SELDOM = 500_000
"""How many objects are made between two looks. What is imported stays: nothing in it is garbage.

An engine makes 105,000 before its first claim, and `apply` of 10,000 jobs 350,000.
"""


def collect_seldom() -> None:
    """For a command that starts, and soon ends: the looks take an eighth of the time of its imports."""
    gc.set_threshold(_SELDOM)


def collect_as_usual() -> None:
    """For a process that goes on; what there is now is never looked through again."""
    gc.freeze()
    gc.set_threshold(*_USUAL)


def collect_no_more() -> None:
    """For a process that ends: Python need not look through its memory once more, and that several times.

    It took a fifth of a short command. What has to be closed must be closed before.
    """
    gc.freeze()
