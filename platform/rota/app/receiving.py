"""Receiving what jobs emit: each consumer gets every record once, in order, and loses none when it dies.

A reader's place is kept in the database, and moves only after whoever reads has the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rota.app import rights
from rota.app.context import Context
from rota.app.waiting import Watch
from rota.model.acts import Act
from rota.model.errors import UsageError
from rota.model.record import Record, Stream
from rota.store import Transaction, cursors, records
from rota.store.records import Source

PAGE = 500
"""How many records are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to receive of a job. `consumer` is whose place counts: by default the user's.

    `keep` leaves that place where it is; `from_start` and `tail`, a number of records, choose another one to begin at.
    Without `children`, or with `streams`, there is a place of its own for just these records. Raises `UsageError`.
    """

    consumer: str | None = None
    streams: Sequence[str] = ()
    children: bool = True
    keep: bool = False
    from_start: bool = False
    tail: int | None = None

    def __post_init__(self) -> None:
        for stream in self.streams:
            if stream not in list(Stream):
                raise UsageError(f"no stream {stream!r}: there are {', '.join(Stream)}")
        if self.tail is not None and (self.tail < 0 or self.from_start):
            raise UsageError("tail is a number of records, and does not go with from_start")


class Reader:
    """One consumer's reading of one job, page by page. `received` is to be told what the caller really has."""

    def __init__(self, context: Context, job_id: str, wanted: Wanted) -> None:
        self._context = context
        self._wanted = wanted
        self._consumer = wanted.consumer or context.user
        with context.store.read() as tx:
            rights.require_jobs(context, tx, [job_id], Act.JOB_RECEIVE)
            self._job, root = records.locate(tx, job_id)
            is_child = root != self._job
            alone = is_child or not wanted.children
            self._source = Source(root, self._job if alone else None, tuple(wanted.streams))
            # A place of its own for each choice of records: what one leaves out is not lost to another.
            self._cursor = ",".join([*(["alone"] if alone and not is_child else []), *sorted(wanted.streams)])
            self.position = self._begin(tx)
            self._stored = self.position

    def _begin(self, tx: Transaction) -> int:
        if self._wanted.from_start:
            return 0
        if self._wanted.tail is not None:
            return records.number_before_tail(tx, self._source, self._wanted.tail)
        return cursors.position(tx, self._job, self._consumer, self._cursor)

    def look(self) -> tuple[int, bool]:
        """The number of the newest record there is, and whether the job has ended."""
        with self._context.store.read() as tx:
            return records.last_number(tx, self._source.root), records.has_ended(tx, self._job)

    def page(self, upto: int) -> list[Record]:
        """The next records with numbers up to `upto`; none when there are no more."""
        with self._context.store.read() as tx:
            return records.page(tx, self._source, after=self.position, upto=upto, limit=PAGE)

    def received(self, number: int) -> None:
        """The caller has everything up to this number."""
        self.position = max(self.position, number)

    def store_position(self) -> None:
        """Keep the place, so that the next reader of this consumer begins there."""
        if self._wanted.keep or self.position == self._stored:
            return
        with self._context.store.write() as tx:
            cursors.advance(tx, self._job, self._consumer, self._cursor, self.position)
        self._stored = self.position


def without_repeats(context: Context, ids: Sequence[str]) -> list[str]:
    """The jobs to receive so that each record comes once: a family's oldest job brings those of all its children."""
    with context.store.read() as tx:
        places = {job: records.locate(tx, job) for job in ids}
    whole = {root for job, root in places.values() if job == root}
    return [name for name, (job, root) in places.items() if job == root or root not in whole]


def receive(context: Context, job_id: str, wanted: Wanted) -> Iterator[Record]:
    """What this consumer has not received yet, as far as it is there now; never waits.

    A record counts as received once it was handed out: the next one was asked for, or the iteration was given up.
    """
    yield from _hand_out(context, Reader(context, job_id, wanted), follow=False)


def follow(context: Context, job_id: str, wanted: Wanted, *, timeout: float | None = None) -> Iterator[Record]:
    """The same, and then whatever comes until the job has ended, or for `timeout` seconds.

    Raises `EngineNotActive` where nothing would ever come.
    """
    yield from _hand_out(context, Reader(context, job_id, wanted), follow=True, timeout=timeout)


def deliver(
    context: Context,
    job_id: str,
    wanted: Wanted,
    take: Callable[[Record], None],
    *,
    follow: bool = False,
    timeout: float | None = None,
) -> None:
    """Give each record to `take`: it counts as received once that has returned. For those who write them elsewhere."""
    reader = Reader(context, job_id, wanted)
    try:
        for page in _pages(context, reader, follow=follow, timeout=timeout):
            for record in page:
                take(record)
                reader.received(record.number)
            reader.store_position()
    finally:
        reader.store_position()


def _hand_out(context: Context, reader: Reader, *, follow: bool, timeout: float | None = None) -> Iterator[Record]:
    try:
        for page in _pages(context, reader, follow=follow, timeout=timeout):
            for record in page:
                reader.received(record.number)
                yield record
            reader.store_position()
    finally:
        reader.store_position()


def _pages(context: Context, reader: Reader, *, follow: bool, timeout: float | None) -> Iterator[list[Record]]:
    """Page after page, each once the one before was received."""
    with Watch(context, timeout) as watch:
        while True:
            last, is_over = reader.look()
            while page := reader.page(last):
                yield page
            reader.received(last)  # what is not wanted of it need not be looked at again
            if not follow or is_over or watch.is_over:
                return
            watch.wait()
