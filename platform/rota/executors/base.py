"""The seam between the engine and the places where attempts run. Every executor meets `Executor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeAlias

from rota.model.attempt import Attempt, AttemptId, Reports

Now: TypeAlias = Callable[[], datetime]
"""The engine's clock. Everything reported is stamped by it, on arrival, so that one clock orders all of it."""


class Executor(Protocol):
    """Carries out attempts, up to `slots` at once; what is started beyond that waits for a free slot.

    Each started attempt is reported as ended exactly once, whatever happens to it; it is reported as begun at most
    once, and never when it could not be begun. Reports come from the executor's own threads. An attempt that ends
    because it was told to is STOPPED; one that returns all the same is RETURNED. `cancel` and `kill` of an attempt
    that is unknown or over do nothing; so do `pause` and `resume`, where an attempt is paused at most once at a time.
    """

    @property
    def slots(self) -> int:
        """How many attempts run at once."""

    def start(self, attempt: Attempt, reports: Reports) -> None:
        """Begin the attempt soon, and return at once."""

    def cancel(self, attempt: AttemptId) -> None:
        """Ask the attempt to stop, in the way that lets it tidy up."""

    def kill(self, attempt: AttemptId) -> None:
        """Stop the attempt by force; it ends soon."""

    def pause(self, attempt: AttemptId) -> None:
        """The attempt waits for others and does nothing: another may run in its slot."""

    def resume(self, attempt: AttemptId) -> None:
        """The attempt goes on, in a slot that the engine has kept for it."""

    def close(self) -> None:
        """Kill whatever is left, and return when no thread or process of the executor can run a method any more."""
