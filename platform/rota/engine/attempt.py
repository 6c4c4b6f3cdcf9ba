"""The end of an attempt as a column of steps: judge, write, announce. Each takes and returns plain values.

What comes before, claim and launch, is the dispatcher's; preparing, calling and normalising the outcome is the
executors'.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rota.engine.families import event_of, settle_families
from rota.engine.live import Emitted, Ended, LiveAttempt, Reported, nul_written_out
from rota.model.attempt import AttemptId
from rota.model.event import Announce, Event, Name
from rota.model.outcome import End, Outcome
from rota.model.record import Stream
from rota.model.states import State
from rota.model.transitions import Stop, after_attempt
from rota.model.values import Json
from rota.store import Transaction, configurations, outlook, records, transitions
from rota.store.children import EndedMap, errors_of
from rota.store.records import NewRecord
from rota.store.transitions import Ending


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the reports of one pass.

    `refused` are ends that came after the lease was lost, `maps` those that ended with their last child.
    """

    endings: Sequence[tuple[Ended, Ending]] = ()
    emitted: Sequence[Emitted] = ()
    refused: Sequence[LiveAttempt] = ()
    maps: Sequence[EndedMap] = ()
    relatives: bool = False
    """Whether children or parents are among those that ended."""

    @property
    def restarts_at(self) -> list[datetime]:
        """When the jobs that run again are due."""
        return [ending.next.due_at for _, ending in self.endings if ending.next.due_at is not None]

    @property
    def frees_keys(self) -> bool:
        return any(ended.live.lease.attempt.key is not None for ended, _ in self.endings)

    @property
    def frees_scheduled_jobs(self) -> bool:
        return any(ending.scheduled_job for _, ending in self.endings)

    @property
    def handed_back(self) -> int:
        return sum(1 for _, ending in self.endings if ending.next.reason == Stop.SHUTDOWN)

    @property
    def counts(self) -> dict[str, int]:
        return {"settled": len(self.endings), "records": len(self.emitted)}

    def lets_begin(self, now: datetime) -> set[str]:
        """The queues in which jobs may have become due by this: restarts, those next in line for a key, relatives."""
        if self.frees_keys or self.relatives or any(at <= now for at in self.restarts_at):
            return {ended.live.lease.queue for ended, _ in self.endings}
        return set()


def settle(tx: Transaction, reported: Reported, now: datetime) -> Settled:
    """Judge and write everything that executors reported, as far as its leases hold.

    Nobody sees the database in between, so it does not matter that states are written before records.
    """
    unwanted = _cancelled_meanwhile(tx, reported)
    judged = [
        (each, judge(each, now, Stop.REQUEST if each.live.id in unwanted else each.live.stop))
        for each in _as_returned(tx, reported.ended)
    ]
    counts = transitions.end_attempts(tx, [ending for _, ending in judged])
    counts |= _held(tx, [each.live for each in reported.emitted if each.live.lease.sequence not in counts])
    endings = [(ended, ending) for ended, ending in judged if ending.sequence in counts]
    emitted = [each for each in reported.emitted if each.live.lease.sequence in counts]
    maps = settle_families(tx, [ending for _, ending in endings], counts, now)
    write(tx, emitted, endings, counts, maps)
    refused = [each.live for each in reported.ended if each.live.lease.sequence not in counts]
    relatives = any(counts[ending.sequence] is None for _, ending in endings)
    return Settled(endings, emitted, refused, maps, relatives)


def _held(tx: Transaction, lives: Sequence[LiveAttempt]) -> dict[int, int | None]:
    """The rows of attempts that go on and whose leases hold, with their counts of records."""
    by_node: dict[str, list[tuple[int, int]]] = {}
    for live in lives:
        by_node.setdefault(live.node, []).append((live.lease.sequence, live.lease.attempt.number))
    held: dict[int, int | None] = {}
    for node, leases in by_node.items():
        held |= transitions.held(tx, node, leases)
    return held


def _cancelled_meanwhile(tx: Transaction, reported: Reported) -> set[AttemptId]:
    """The attempts that somebody wanted cancelled before they ended, whether or not the stopper had come to it.

    Else a job that fails by itself in that instant would be restarted against the wish. The rows are locked first, so
    that no wish comes after this look and before the commit; ends that need this are rare.
    """
    at_stake = [each.live for each in reported.ended if each.outcome.end is not End.RETURNED]
    _held(tx, at_stake)
    nodes = {live.node for live in at_stake}
    return {AttemptId(job, attempt) for node in nodes for job, attempt, _ in outlook.cancels_requested(tx, node)}


def _as_returned(tx: Transaction, ended: Sequence[Ended]) -> list[Ended]:
    """The ends, where a method's own transaction is committed as its return: whatever befell its worker after that."""
    at_stake = [each.live.lease.sequence for each in ended if each.outcome.end is not End.RETURNED]
    results = outlook.returned(tx, at_stake) if at_stake else {}
    return [
        Ended(each.live, each.at, Outcome(end=End.RETURNED, result=results[each.live.lease.sequence]))
        if each.live.lease.sequence in results
        else each
        for each in ended
    ]


def judge(ended: Ended, now: datetime, stop: Stop | None) -> Ending:
    """What the end of an attempt means for its job; `stop` is why it was to be stopped, if it was."""
    live, lease = ended.live, ended.live.lease
    return Ending(
        sequence=lease.sequence,
        job=lease.attempt.job,
        number=lease.attempt.number,
        node=live.node,
        begin_at=live.began_at or lease.claimed_at,
        end_at=ended.at,
        process=live.process,
        end=ended.outcome.end,
        next=after_attempt(
            ended.outcome,
            retry=lease.retry,
            restarts=lease.restarts,
            now=now,
            stop=stop,
            spread=random.random(),  # noqa: S311 -- spreads restarts in time; nobody guards anything with it
        ),
        scheduled_job=lease.scheduled_job,
        run_begin=lease.begin_at,
    )


def write(
    tx: Transaction,
    emitted: Sequence[Emitted],
    endings: Sequence[tuple[Ended, Ending]],
    counts: Mapping[int, int | None],
    maps: Sequence[EndedMap] = (),
) -> None:
    """Store records, progress, and what the ends say about whether methods resolve."""
    rows = [_record(each) for each in emitted if each.kept]
    rows += [_result(ended) for ended, _ in endings if ended.outcome.result is not None]
    rows += [_error(ended) for ended, ending in endings if _went_wrong(ending)]
    errors, of_maps = errors_of(maps)
    records.append(tx, rows + errors, {**counts, **of_maps})
    transitions.note_progress(tx, _last_progress(emitted))
    _note_resolution(tx, endings)


def _record(emitted: Emitted) -> NewRecord:
    return _new_record(emitted.live, emitted.stream, emitted.at, emitted.data, emitted.size)


def _went_wrong(ending: Ending) -> bool:
    """Whether the end is an error to whoever receives: a stop that somebody wanted is none."""
    return ending.next.error is not None and ending.next.state is not State.CANCELLED


def _result(ended: Ended) -> NewRecord:
    return _new_record(ended.live, Stream.OUTPUT, ended.at, ended.outcome.result)


def _error(ended: Ended) -> NewRecord:
    error = ended.outcome.error
    return _new_record(ended.live, Stream.ERROR, ended.at, error.to_data() if error else None)


def _new_record(live: LiveAttempt, stream: str, at: datetime, data: Json, size: int = 0) -> NewRecord:
    lease = live.lease
    number = lease.attempt.number
    return NewRecord(sequence=lease.sequence, attempt=number, stream=stream, at=at, data=data, size=size)


def _last_progress(emitted: Iterable[Emitted]) -> dict[int, tuple[float | None, str | None]]:
    """The newest progress of each job that reported some."""
    newest: dict[int, tuple[float | None, str | None]] = {}
    for each in emitted:
        if each.stream == Stream.PROGRESS and isinstance(each.data, Mapping):
            data = each.data
            fraction, text = data.get("fraction"), data.get("text")
            newest[each.live.lease.sequence] = (fraction, nul_written_out(text) if text else None)  # type: ignore[arg-type, assignment]
    return newest


def _note_resolution(tx: Transaction, endings: Sequence[tuple[Ended, Ending]]) -> None:
    """Methods that do not resolve are marked at their definition, and cleared once they run."""
    unresolved: dict[str, str] = {}
    resolved: set[str] = set()
    for ended, ending in endings:
        if ending.scheduled_job is None:
            continue
        error = ended.outcome.error
        if error is not None and error.type == "UnknownMethod":
            unresolved[ending.scheduled_job] = error.message
        elif ended.outcome.end is End.RETURNED:
            resolved.add(ending.scheduled_job)
    configurations.mark_unresolved(tx, unresolved)
    configurations.mark_resolved(tx, resolved)


EVENT_OF = {
    State.COMPLETED: Name.JOB_COMPLETED,
    State.FAILED: Name.JOB_FAILED,
    State.CANCELLED: Name.JOB_CANCELLED,
    State.WAITING: Name.JOB_WAITING,
}


def announce(settled: Settled, tell: Announce, now: datetime) -> None:
    """Tell the world what is now stored."""
    for each in settled.emitted:
        tell(Event(Name.JOB_EMITTED, each.at, {**_facts(each.live), "stream": each.stream, "data": each.data}))
    for ended, ending in settled.endings:
        after = ending.next
        facts = {
            **_facts(ended.live),
            "reason": after.reason,
            "error": after.error,
            "due_at": after.due_at,
            "restart": after.restarts,
            "restarts": ended.live.lease.retry.count,
            "begin_at": ending.begin_at,
            "end_at": ending.end_at,
        }
        tell(Event(EVENT_OF[after.state], ended.at, facts))
    for ended_map in settled.maps:
        tell(event_of(ended_map))
    for live in settled.refused:
        tell(Event(Name.JOB_REFUSED, now, _facts(live)))


def _facts(live: LiveAttempt) -> dict[str, object]:
    attempt = live.lease.attempt
    return {"job": attempt.job, "name": attempt.name, "attempt": attempt.number}
