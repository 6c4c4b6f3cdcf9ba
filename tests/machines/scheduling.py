"""A machine that lets time pass over scheduled jobs, with engines or without, while runs begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import func, select

from rota.app import locks, scheduled, users
from rota.app.context import Context
from rota.engine.scheduler import Scheduler
from rota.model.background_job import Lease
from rota.model.errors import RotaError
from rota.model.lock import LockName
from rota.model.outcome import End
from rota.model.scheduled_job import ScheduledJob
from rota.model.states import ACTIVE, State
from rota.model.transitions import Next
from rota.model.users import ADMINISTRATOR
from rota.store import Store, claims, transitions
from rota.store.missed_notes import Missed
from rota.store.tables import background_job, missed
from rota.store.transitions import Ending
from rota.testing import SettableClock, apply_configuration
from tests.machines.scheduling_model import Seen, Verdict, verdict
from tests.support.stored import add_node, empty

DAY = {"days_repeat_period": 1}
SCHEDULES: tuple[Any, ...] = (
    {**DAY, "repeat_period_in_day": 3600},
    {**DAY, "repeat_period_in_day": 600, "start_within": 60},
    {**DAY, "repeat_period_in_day": 900, "repeat_pause": 1200, "begin_time": "11:00", "end_time": "17:00"},
    {**DAY, "begin_time": "22:00", "end_time": "02:30", "repeat_period_in_day": 2400, "completion_time": "02:00"},
    {**DAY, "begin_time": "13:00", "timezone": "Europe/Berlin"},
    {"begin_time": "12:30", "start_within": 7200},
    [{**DAY, "begin_time": "12:00"}, {**DAY, "repeat_period_in_day": 1800, "start_within": 120}],
    [
        {**DAY, "begin_time": "12:20", "repeat_pause": 3600},
        {**DAY, "begin_time": "12:30", "start_within": 60, "repeat_pause": 60},
        {"days_repeat_period": 2, "begin_time": "12:20", "repeat_period_in_day": 7200},
    ],
)
SPANS = st.sampled_from([40, 60, 300, 600, 1_800, 3_600, 20_000, 90_000])
"""At least as long as a job that is held back for its user is not looked at."""

JOBS = st.sampled_from(["plain", "hers", "keyed", "x", "y"])
OVERRIDES = st.one_of(
    st.builds(lambda use: {"use": use}, st.booleans()),
    st.builds(lambda schedule: {"schedule": schedule}, st.sampled_from(SCHEDULES)),
    st.builds(lambda key: {"key": key}, st.sampled_from([None, "k"])),
)


class Scheduling(RuleBasedStateMachine):
    """`store` is a database with Rota's tables; it is emptied first."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        empty(self.store)
        self.clock = SettableClock()
        self.context = Context(self.store, self.clock, ADMINISTRATOR)
        self.scheduler = Scheduler(self.store, self.clock, tell=_hear, on_queued=_hear)
        self.running: dict[str, Lease] = {}
        self.seen: dict[str, Seen] = {}
        self.latest = self.clock.now()
        self.declared: dict[str, Any] = {}
        add_node(self.store)

    @initialize(chosen=st.lists(st.sampled_from(SCHEDULES), min_size=4, max_size=4))
    def begin(self, chosen: list[Any]) -> None:
        users.add(self.context, "ann")
        method = {"method": "m:f", "executor": "thread", "retry": {"count": 2, "interval": "5m"}}
        plain, hers, keyed, template = ({**method, "schedule": each} for each in chosen)
        self.declared = {
            "plain": plain,
            "hers": {**hers, "user": "ann"},
            "keyed": {**keyed, "key": "k"},
            "template": {**template, "key": "k", "predefined": False},
        }
        self._apply()
        for name in ("x", "y"):
            scheduled.create(self.context, "template", name, {})

    def _apply(self) -> None:
        apply_configuration(self.store, self.declared, now=self.clock.now(), modules=["m"])

    # Time

    @rule(seconds=SPANS)
    def time_passes_without_an_engine(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(seconds=SPANS)
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.clock.step(-seconds)

    @rule(seconds=SPANS)
    def time_passes_and_an_engine_looks(self, seconds: int) -> None:
        now = self.clock.advance(seconds)
        expected = {job.id: (job, self._verdict(job, now)) for job in scheduled.select(self.context)}
        is_locked = bool(locks.select(self.context))
        note, sequence = self._last_note(), self._last_sequence()
        while self.scheduler.run_once().again:
            pass
        started = {str(job.scheduled_job): job for job in self._jobs() if job.sequence > sequence}
        notes = {each.scheduled_job: each for each in self._notes(note)}
        if is_locked:
            assert not started
            assert not notes
            return
        for job, wanted in expected.values():
            self._compare(job, wanted, started, notes.get(job.id), now)
        self.latest = max(self.latest, now)

    def _verdict(self, job: ScheduledJob, now: datetime) -> Verdict:
        return verdict(job, self._seen(job), now)

    def _seen(self, job: ScheduledJob) -> Seen:
        """Who gets another schedule or is switched on begins anew."""
        seen = self.seen.get(job.id)
        if seen is None or seen.since != job.active_since:
            seen = self.seen[job.id] = Seen.anew(job.active_since)
        return seen

    def _compare(
        self,
        job: ScheduledJob,
        wanted: Verdict,
        started: dict[str, Any],
        note: Missed | None,
        now: datetime,
    ) -> None:
        run = started.get(job.id)
        if wanted.start is not None and run is None and self._may_be_held(job):
            wanted = wanted.where_held
        found = Verdict(run.nominal_start if run else None, (), wanted.first_open)
        if now < self.latest and found.start is None and note is None:
            return  # what was looked at already waits until the true time has caught up
        assert found.start == wanted.start, (job, wanted, now)
        noted = (note.count, note.first_start, note.last_start) if note else None
        assert noted == ((len(wanted.missed), wanted.missed[0], wanted.missed[-1]) if wanted.missed else None), (
            job,
            wanted,
            now,
        )
        seen = self.seen[job.id]
        if run is not None:
            seen.dealt_with = now
        elif wanted.missed:
            seen.dealt_with = max(seen.dealt_with, wanted.missed[-1])

    def _may_be_held(self, job: ScheduledJob) -> bool:
        """Whether its user is disabled, or another run has its key by now."""
        user = users.get(self.context, str(job.effective("user")))
        key = job.effective("key")
        scope = f"definition {job.definition_id}"
        holders = [each for each in self._jobs() if each.key == key and each.key_scope == scope]
        return user.disabled or (key is not None and any(each.state in ACTIVE for each in holders))

    # Runs

    @rule()
    def what_is_queued_begins(self) -> None:
        with self.store.write() as tx:
            leases = claims.claim(tx, node="n1", queue="thread", limit=100, now=self.clock.now(), paths={})
        for lease in leases:
            assert lease.attempt.job not in self.running
            self.running[lease.attempt.job] = lease

    @rule(data=st.data(), state=st.sampled_from([State.COMPLETED, State.COMPLETED, State.FAILED, State.WAITING]))
    def a_run_ends(self, data: st.DataObject, state: State) -> None:
        if not self.running:
            return
        now = self.clock.now()
        lease = self.running.pop(data.draw(st.sampled_from(sorted(self.running))))
        again = now + timedelta(minutes=5) if state is State.WAITING else None
        ending = Ending(
            sequence=lease.sequence,
            job=lease.attempt.job,
            number=lease.attempt.number,
            node="n1",
            begin_at=lease.claimed_at,
            end_at=now,
            process=None,
            end=End.RETURNED,
            next=Next(state=state, restarts=0, due_at=again),
            scheduled_job=lease.scheduled_job,
            run_begin=lease.begin_at,
        )
        with self.store.write() as tx:
            assert transitions.end_attempts(tx, [ending])

    # People

    @rule(name=JOBS, values=OVERRIDES, until=st.sampled_from([None, 600, 5_000, 100_000]))
    def override(self, name: str, values: dict[str, Any], until: int | None) -> None:
        end = None if until is None else self.clock.now() + timedelta(seconds=until)
        scheduled.override(self.context, name, values, until=end)

    @rule(name=JOBS)
    def reset(self, name: str) -> None:
        scheduled.reset(self.context, name)

    @rule(name=st.sampled_from(["plain", "hers", "keyed", "template"]), schedule=st.sampled_from(SCHEDULES))
    def update(self, name: str, schedule: Any) -> None:
        self.declared[name] = {**self.declared[name], "schedule": schedule}
        self._apply()

    @rule(name=JOBS)
    def start_by_hand(self, name: str) -> None:
        before = self._last_sequence()
        try:
            scheduled.start(self.context, name)
        except RotaError:
            assert self._last_sequence() == before

    @rule(disabled=st.booleans())
    def switch_ann(self, disabled: bool) -> None:
        (users.disable if disabled else users.enable)(self.context, "ann")

    @rule(locked=st.booleans())
    def lock(self, locked: bool) -> None:
        is_locked = bool(locks.select(self.context))
        if locked and not is_locked:
            locks.lock(self.context, LockName.SCHEDULED_JOBS, reason="a test")
        if is_locked and not locked:
            locks.unlock(self.context, LockName.SCHEDULED_JOBS)

    # What there is

    def _jobs(self) -> list[Any]:
        """The rows of the background jobs."""
        with self.store.read() as tx:
            return list(tx.execute(select(background_job)).all())

    def _last_sequence(self) -> int:
        return max((job.sequence for job in self._jobs()), default=0)

    def _last_note(self) -> int:
        with self.store.read() as tx:
            return int(tx.execute(select(func.max(missed.c.id))).scalar() or 0)

    def _notes(self, after: int) -> list[Missed]:
        with self.store.read() as tx:
            rows = [dict(row) for row in tx.execute(select(missed).where(missed.c.id > after)).mappings()]
        return [Missed(**{name: value for name, value in row.items() if name != "id"}) for row in rows]


def _hear(_: Any) -> None:
    """Nobody is told."""
