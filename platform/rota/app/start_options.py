"""How background jobs are to be started: the options of `start` and `start_many`, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from rota.app.arguments import is_number, require_instant, require_seconds
from rota.model.attempt import AttemptId
from rota.model.errors import UsageError
from rota.model.retry import NO_RESTARTS, RetryPolicy

OnConflict = Literal["error", "skip", "wait"]
_CONFLICTS = get_args(OnConflict)

LONGEST_TEXT = 255
"""Characters of a key or a name."""

HIGHEST_PRIORITY = 1_000_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How to start background jobs. `timeout` is in seconds; `delay`, seconds or a timedelta, counts from now.

    `id` makes a start repeatable: the same again finds the job that the first one made. `parent` is the attempt that
    starts them, where a job does.
    """

    id: str | None = None
    key: str | None = None
    name: str | None = None
    executor: str = "process"
    priority: int = 0
    retry: RetryPolicy = NO_RESTARTS
    timeout: float | None = None
    delay: timedelta | float | None = None
    due_at: datetime | None = None
    on_conflict: OnConflict = "error"
    parent: AttemptId | None = None

    def require_sound(self, executors: Collection[str], runs: str) -> None:
        """Refuse what the database would refuse, or what would wait for ever. Raises `UsageError`.

        `executors` are those that can run what is to be started, which `runs` names.
        """
        if self.executor not in executors:
            raise UsageError(f"no executor {self.executor!r} for {runs}: {', '.join(executors)}")
        if self.on_conflict not in _CONFLICTS:
            raise UsageError(f"on_conflict is one of {', '.join(_CONFLICTS)}, not {self.on_conflict!r}")
        if self.id is not None and not (isinstance(self.id, str) and _ID.fullmatch(self.id)):
            raise UsageError(f"id {self.id!r}: up to 100 letters, digits, dots, colons, hyphens and underscores")
        require_label("key", self.key)
        require_label("name", self.name)
        self._require_numbers()

    def _require_numbers(self) -> None:
        if type(self.priority) is not int or abs(self.priority) > HIGHEST_PRIORITY:
            raise UsageError(f"priority is a whole number up to {HIGHEST_PRIORITY}, not {self.priority!r}")
        if self.timeout is not None:
            require_seconds("timeout", self.timeout)
            if self.timeout <= 0:
                raise UsageError(f"timeout is a number of seconds above 0, not {self.timeout!r}")
        if self.retry is not NO_RESTARTS:
            _require_policy(self.retry)

    def due(self, now: datetime) -> datetime:
        """When the job is due that is started `now`. Raises `UsageError`."""
        if self.delay is not None and self.due_at is not None:
            raise UsageError("delay and due_at exclude each other")
        if self.due_at is not None:
            require_instant("due_at", self.due_at)
            return self.due_at
        if self.delay is None:
            return now
        if not isinstance(self.delay, timedelta):
            require_seconds("delay", self.delay)
        try:
            delay = self.delay if isinstance(self.delay, timedelta) else timedelta(seconds=self.delay)
            due = now + delay
        except (OverflowError, ValueError) as error:
            raise UsageError(f"delay {self.delay!r}: {error}") from error
        if due < now:
            raise UsageError(f"delay {self.delay!r} lies in the past")
        return due


def _require_policy(retry: object) -> None:
    if not isinstance(retry, RetryPolicy) or type(retry.count) is not int or retry.count < 0:
        raise UsageError(f"retry is a RetryPolicy with a count of 0 or more, not {retry!r}")
    numbers = (retry.interval, retry.backoff, retry.max_interval or 0)
    if not all(map(is_number, numbers)) or retry.interval < 0 or retry.backoff < 1 or numbers[2] < 0:
        raise UsageError(f"a RetryPolicy has intervals of 0 seconds or more, and a backoff of 1 or more: {retry!r}")


def require_label(what: str, text: object) -> None:
    """Refuse a key or a name that would be of no use to whoever reads it; None is neither. Raises `UsageError`."""
    if text is not None and not (isinstance(text, str) and 0 < len(text) <= LONGEST_TEXT and text.isprintable()):
        raise UsageError(f"a {what} is a text of 1 to {LONGEST_TEXT} printable characters, not {text!r}")
