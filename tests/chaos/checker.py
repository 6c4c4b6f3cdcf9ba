"""Judges the history of a chaos run, in the manner of Jepsen: a pure function from what happened to what must not have.

Every rule is a function of its own that yields a line for each violation. test_checker.py breaks each of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from rota.model.outcome import End
from rota.model.states import FINISHED, State
from rota.model.transitions import TRANSITIONS
from tests.chaos.history import Change, Execution, History, Job, Scheduled, occurrences

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Violation:
    """A promise that was broken."""

    rule: str
    what: str


def check(history: History) -> list[Violation]:
    """Every violation of every rule."""
    return [Violation(rule.__name__, what) for rule in RULES for what in rule(history)]


def no_confirmed_start_is_lost(history: History) -> Iterator[str]:
    """A start that was confirmed to a client has made a job, which is still there."""
    for job in sorted(history.wishes.acknowledged - history.jobs.keys()):
        yield f"job {job} was confirmed and is not there"


def transactions_are_whole(history: History) -> Iterator[str]:
    """The job that was started in a client's transaction is there if and only if the client's own row is."""
    for job in sorted(history.wishes.transactions):
        if (job in history.jobs) != (job in history.orders):
            there, gone = ("job", "order") if job in history.jobs else ("order", "job")
            yield f"of transaction {job} the {there} is there and the {gone} is not"
    for job in sorted(history.wishes.undone & (history.jobs.keys() | history.orders)):
        yield f"transaction {job} was rolled back and has left something"


def every_job_ends(history: History) -> Iterator[str]:
    """Once the faults are over, every job comes to an end."""
    for job in history.jobs.values():
        if job.state not in FINISHED:
            yield f"{_name(job)} is {job.state} in the end"


def states_follow_each_other(history: History) -> Iterator[str]:
    """Each change of a state is one that there may be, and a new attempt is how a job comes to run."""
    last: dict[str, Change] = {}
    for change in history.changes:
        before = last.get(change.job)
        last[change.job] = change
        problem = _wrong_change(before, change)
        if problem:
            yield f"job {change.job}: {problem}"


def _wrong_change(last: Change | None, change: Change) -> str | None:
    if change.after is None:
        return "it was deleted"
    if change.before != (last.after if last else None):
        return f"it was {last.after if last else 'not there'}, and then left {change.before}"
    if last is None or change.before is None:
        return None if change.after == State.QUEUED else f"it began as {change.after}"
    if change.before != change.after and State(change.after) not in TRANSITIONS[State(change.before)]:
        return f"it went from {change.before} to {change.after}"
    if change.attempt != last.attempt and (change.after != State.RUNNING or change.attempt != last.attempt + 1):
        return f"after attempt {last.attempt} came {change.attempt}, as it became {change.after}"
    return None


def attempts_keep_to_the_policy(history: History) -> Iterator[str]:
    """No more restarts than the policy allows, every attempt accounted for, and no job given up before its time."""
    for job in history.jobs.values():
        if job.state in FINISHED and not job.is_map:
            for problem in _against_policy(job):
                yield f"{_name(job)}, {job.state}, attempts {', '.join(job.ends) or 'none'}: {problem}"


def _against_policy(job: Job) -> Iterator[str]:
    if len(job.ends) != job.attempt:
        yield f"it has {job.attempt} attempts and the ends of {len(job.ends)}"
    if job.restarts > job.may_restart:
        yield f"{job.restarts} restarts, and {job.may_restart} are allowed"
    if job.state is State.FAILED and job.restarts < job.may_restart:
        yield f"it was given up after {job.restarts} of {job.may_restart} restarts"
    if (job.state is State.COMPLETED) != (End.RETURNED in job.ends[-1:]):
        yield "a job is completed exactly if its last attempt has returned"
    handed_back = sum(end in {End.STOPPED, End.DIED} for end in job.ends)
    # Of one that was cancelled while it waited, the last restart has not come.
    most = job.attempt if job.state is State.CANCELLED else job.attempt - 1
    if job.attempt and not job.attempt - 1 - handed_back <= job.restarts <= most:
        yield f"{job.attempt} attempts with {job.restarts} restarts"


def an_attempt_is_carried_out_once(history: History) -> Iterator[str]:
    """No attempt's method is called twice, and none is called for an attempt that there never was."""
    counted = Counter((each.job, each.attempt) for each in history.executions)
    for (job, attempt), count in counted.items():
        if count > 1:
            yield f"attempt {attempt} of job {job} was carried out {count} times"
        if job not in history.jobs or attempt > history.jobs[job].attempt:
            yield f"a method ran for attempt {attempt} of job {job}, which there is not"


def a_result_is_of_the_last_attempt(history: History) -> Iterator[str]:
    """What is stored for a job is what its last attempt returned: what a zombie returns is refused."""
    executions = {each.id: each for each in history.executions}
    for job in history.jobs.values():
        if job.state is State.COMPLETED and not job.is_map:
            named = executions.get((job.result or {}).get("execution", ""))
            if named is None or (named.job, named.attempt, named.returned) != (job.id, job.attempt, True):
                yield f"{_name(job)} has the result {job.result} at attempt {job.attempt}, which is that of {named}"


def effects_are_those_of_completed_jobs(history: History) -> Iterator[str]:
    """What a method wrote in its job's transaction is there once if the job is completed, and else not at all."""
    found: dict[str, list[int]] = defaultdict(list)
    for job, attempt in history.effects:
        found[job].append(attempt)
    books = {job.id: job for job in history.jobs.values() if job.method == "book"}
    for job in books.keys() | found.keys():
        book = books.get(job)
        expected = [book.attempt] if book and book.state is State.COMPLETED else []
        if found[job] != expected:
            yield f"job {job} has left the work of attempts {found[job]}, and {expected} is what counts"


def keys_are_held_once(history: History) -> Iterator[str]:
    """At no moment do two active jobs hold one key in the database."""
    holders: dict[str, set[str]] = defaultdict(set)
    for change in history.changes:
        if change.owns is None:
            continue
        held = holders[change.owns]
        if not change.holds:
            held.discard(change.job)
            continue
        held.add(change.job)
        if len(held) > 1:
            yield f"key {change.owns} is held by {', '.join(sorted(held))}"


def nothing_runs_beside_itself(history: History) -> Iterator[str]:
    """Attempts of one job, and jobs of one key, run one after the other; except behind a node that was found lost."""
    groups: dict[str, list[Execution]] = defaultdict(list)
    for each in history.executions:
        job = history.jobs.get(each.job)
        if job is not None:
            groups[job.key or job.id].append(each)
    for name, group in groups.items():
        with_lease = [each for each in group if not _began_without_lease(history.jobs[each.job], each, group)]
        with_lease.sort(key=lambda each: each.begun)
        for first, second in pairwise(with_lease):
            if _may_go_on(history.jobs[first.job], first, second.begun):
                yield f"{name}: attempt {first.attempt} of job {first.job} went on when that of {second.job} began"


def _began_without_lease(job: Job, execution: Execution, group: Sequence[Execution]) -> bool:
    """Whether its node had been found lost before, as one that was frozen between the claim and the method's start."""
    return _end(job, execution) == End.LOST and any(
        each.job == job.id and each.attempt > execution.attempt and each.begun < execution.begun for each in group
    )


def _may_go_on(job: Job, execution: Execution, instant: float) -> bool:
    """Whether the execution may have gone on at that instant, though nobody had taken its lease away."""
    if execution.ended is not None and execution.ended <= instant:
        return False
    if execution.ended is None:  # it was killed, and so it ended before that was known
        return _end(job, execution) not in {End.DIED, End.STOPPED, End.LOST}
    return _end(job, execution) != End.LOST


def _end(job: Job, execution: Execution) -> str | None:
    """How its attempt ended, as far as that was noted."""
    return job.ends[execution.attempt - 1] if execution.attempt <= len(job.ends) else None


def every_occurrence_is_accounted_for(history: History) -> Iterator[str]:
    """Every occurrence has made one run, alone or together with others, or is recorded as missed; and none both."""
    for scheduled in history.scheduled:
        runs = [job for job in history.jobs.values() if job.scheduled_job == scheduled.id]
        for problem in _of_schedule(scheduled, runs, history.healed_at):
            yield f"{scheduled.name}: {problem}"


def _of_schedule(scheduled: Scheduled, runs: Sequence[Job], healed_at: datetime) -> Iterator[str]:
    by_start = Counter(job.nominal_start for job in runs if job.nominal_start)
    last = max(by_start, default=scheduled.active_since)
    if last < healed_at:
        yield f"it has not started again since {last}"
    expected = occurrences(scheduled, max([last, *(note.last_start for note in scheduled.missed)]))
    missed = Counter(_missed(scheduled, expected))
    if missed.total() != scheduled.counted:
        yield f"{scheduled.counted} are counted as missed, and {missed.total()} noted"
    for start in sorted(by_start.keys() - set(expected)):
        yield f"a run started for {start}, which is no occurrence"
    for start in expected:
        if by_start[start] + missed[start] > 1:
            yield f"{start} has made {by_start[start]} runs and is noted as missed {missed[start]} times"
        if start <= last and not by_start[start] and not missed[start] and not _coalesced(scheduled, start, runs):
            yield f"{start} has made no run and is not noted as missed"


def _missed(scheduled: Scheduled, expected: Iterable[datetime]) -> Iterator[datetime]:
    starts = list(expected)
    for note in scheduled.missed:
        of_note = [start for start in starts if note.first_start <= start <= note.last_start]
        # A note that counts otherwise than the calendar is shown by what is then counted twice or not at all.
        yield from of_note[: note.count] + [note.last_start] * (note.count - len(of_note))


def _coalesced(scheduled: Scheduled, start: datetime, runs: Sequence[Job]) -> bool:
    """Whether the occurrence was still open when a later one made a run, or came while an earlier one was to begin."""
    closes_at = next(iter(scheduled.schedule.next_occurrences(start - SECOND, 1, scheduled.active_since))).closes_at
    for run in runs:
        if run.nominal_start is None or run.created_at is None:
            continue
        if run.nominal_start > start and run.created_at < closes_at + SECOND:
            return True
        if run.nominal_start < start <= max(run.created_at, run.begin_at or run.created_at):
            return True
    return False


def _name(job: Job) -> str:
    return f"job {job.id} ({job.method})"


RULES: tuple[Callable[[History], Iterator[str]], ...] = (
    no_confirmed_start_is_lost,
    transactions_are_whole,
    every_job_ends,
    states_follow_each_other,
    attempts_keep_to_the_policy,
    an_attempt_is_carried_out_once,
    a_result_is_of_the_last_attempt,
    effects_are_those_of_completed_jobs,
    keys_are_held_once,
    nothing_runs_beside_itself,
    every_occurrence_is_accounted_for,
)
"""Everything that is promised."""
