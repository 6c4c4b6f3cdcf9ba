"""What must be made anew in a process that a program forked. Used by whatever holds connections and locks.

A fork takes along copies of connections that two processes must not use, of locks that somebody else held, and none of
the threads. Each thing that minds is told, in the child, before the child's program goes on.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """A thing that minds."""

    def forked(self) -> None:
        """This process is a copy: begin anew, and leave alone what belongs to the parent."""


_watched: WeakSet[Forkable] = WeakSet()


def watch_forks(thing: Forkable) -> None:
    """Tell `thing` of every fork, for as long as it lives."""
    _watched.add(thing)


def _tell() -> None:
    for thing in list(_watched):
        thing.forked()


os.register_at_fork(after_in_child=_tell)
