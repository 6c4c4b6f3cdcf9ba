"""One background job in Python, as starting, finding and waiting hand it out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rota.app import background, receiving, removal, waiting
from rota.app.background import Filter
from rota.app.context import Context
from rota.app.receiving import Wanted
from rota.model.background_job import AttemptRecord, BackgroundJob, Progress
from rota.model.outcome import ErrorInfo
from rota.model.record import Record
from rota.model.states import State
from rota.model.values import Json


class Job:
    """A background job. Its properties are as of the last `refresh`, or of the first look at one of them."""

    def __init__(self, context: Context, job_id: str, seen: BackgroundJob | None = None) -> None:
        self._context = context
        self.id = job_id
        self._read = seen

    @property
    def _seen(self) -> BackgroundJob:
        # Somebody who only starts a job does not pay for reading it.
        if self._read is None:
            self._read = background.get(self._context, self.id)
        return self._read

    @property
    def name(self) -> str:
        return self._seen.name

    @property
    def state(self) -> State:
        return self._seen.state

    @property
    def reason(self) -> str | None:
        """Why it is in this state, where that needs saying."""
        return self._seen.reason

    @property
    def result(self) -> Json:
        """What the method returned."""
        return self._seen.result

    @property
    def error(self) -> ErrorInfo | None:
        return self._seen.error

    @property
    def attempt(self) -> int:
        """The number of the newest attempt; 0 before the first."""
        return self._seen.attempt

    @property
    def attempts(self) -> tuple[AttemptRecord, ...]:
        """The attempts that have ended."""
        return self._seen.attempts

    @property
    def finished(self) -> bool:
        return self._seen.finished

    def to_data(self) -> dict[str, Any]:
        """Every field, as the JSON form has them."""
        return self._seen.to_data()

    def refresh(self) -> Job:
        """Read it again."""
        self._read = background.get(self._context, self.id)
        return self

    def records(self, after: int = 0) -> list[Record]:
        """Everything that it emitted, from record number `after` + 1 on."""
        return background.output(self._context, self.id, after)

    @property
    def parent(self) -> str | None:
        """The id of the job that started it, if a job did."""
        return self._seen.parent

    @property
    def progress(self) -> Progress:
        """What it told of last: `fraction` from 0 to 1, and `text`."""
        return self._seen.progress

    @property
    def unread(self) -> bool:
        """Whether there is something that the user of this platform has not received."""
        return bool(self._seen.unread)

    @property
    def open(self) -> bool:
        """Whether more may come."""
        return self._seen.open

    @property
    def child_counts(self) -> Mapping[str, int]:
        """How many children it has in each state; states without any are left out."""
        return self._seen.children or {}

    def children(self) -> list[Job]:
        """Its children, in the order in which they were started."""
        wanted = Filter(parent=self.id, newest=None)
        found = background.select(self._context, wanted)
        return [Job(self._context, seen.id, seen) for seen in reversed(found)]

    def receive(
        self,
        *,
        keep: bool = False,
        consumer: str | None = None,
        streams: Sequence[str] = (),
        children: bool = True,
        from_start: bool = False,
        tail: int | None = None,
    ) -> Iterator[Record]:
        """What it and its children emitted and this consumer, by default the user, has not received; never waits.

        The consumer's place moves once a record was handed out, so that a reader that dies loses nothing; `keep` leaves
        it. `streams` and `children` select, with a place of their own. `from_start` begins with the first record,
        `tail` with so many before the last.
        """
        wanted = Wanted(
            consumer=consumer, streams=streams, children=children, keep=keep, from_start=from_start, tail=tail
        )
        return receiving.receive(self._context, self.id, wanted)

    def follow(
        self,
        *,
        timeout: float | None = None,
        keep: bool = False,
        consumer: str | None = None,
        streams: Sequence[str] = (),
        children: bool = True,
        from_start: bool = False,
        tail: int | None = None,
    ) -> Iterator[Record]:
        """The same as `receive`, and then what comes until the job has ended, or for `timeout` seconds.

        Raises `EngineNotActive` where nothing would ever come.
        """
        wanted = Wanted(
            consumer=consumer, streams=streams, children=children, keep=keep, from_start=from_start, tail=tail
        )
        return receiving.follow(self._context, self.id, wanted, timeout=timeout)

    def remove(self, *, force: bool = False, timeout: float | None = None) -> None:
        """Remove it with its children and records. With `force` it is cancelled first, and its end waited for.

        Raises `WrongState` for a job that has not ended, and for a child, which goes with its parent.
        """
        removal.remove_job(self._context, self.id, force=force, timeout=timeout)

    def cancel(self, grace: float | None = None) -> Job:
        """Ask for it, and its children, to be cancelled; running ones get `grace` seconds before they end by force."""
        background.cancel(self._context, self.id, grace)
        return self.refresh()

    def wait(self, timeout: float | None = None) -> Job:
        """Wait until it is finished, or `timeout` seconds. Raises `EngineNotActive` where nobody would run it."""
        waiting.wait(self._context, [self.id], timeout=timeout)
        return self.refresh()

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.name} {self.state}>"
