"""A machine that starts, runs, cancels, receives and removes background jobs at random."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rota.model.errors import IdInUse, JobNotFound, KeyInUse, WrongState
from rota.model.retry import RetryPolicy
from rota.store import background_jobs
from rota.store.background_jobs import Filter
from rota.store.retention import remove_finished
from rota.testing import TestPlatform
from tests.machines.jobs_model import Job, Jobs
from tests.machines.work import METHOD

SCRIPTS = st.lists(st.sampled_from(["ok", "ok", "fail", "fail", "give up"]), min_size=1, max_size=3)
MODULE = METHOD.partition(":")[0]


class BackgroundJobs(RuleBasedStateMachine):
    """Every method runs in this process, when `run_due` says so."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.platform = TestPlatform(Path(self.folder.name))
        self.platform.apply({"any": {"method": METHOD, "predefined": False}}, modules=[MODULE])
        self.clock = self.platform.clock
        self.jobs = Jobs()
        self.starts: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.platform.close()
        self.folder.cleanup()

    @rule(
        script=SCRIPTS,
        restarts=st.integers(0, 2),
        key=st.sampled_from([None, "k", "l"]),
        on_conflict=st.sampled_from(["error", "skip", "wait"]),
        delay=st.sampled_from([0, 0, 5, 60]),
    )
    def start(self, script: list[str], restarts: int, key: str | None, on_conflict: Any, delay: int) -> None:
        holder = self.jobs.holder(key)
        facts = {
            "parameters": [script],
            "key": key,
            "retry": RetryPolicy(count=restarts, interval=10),
            "on_conflict": on_conflict,
            "delay": delay,
        }
        if holder is not None and on_conflict == "error":
            try:
                self.platform.background_jobs.start(METHOD, **facts)
            except KeyInUse:
                return
            raise AssertionError("a key was given twice")
        started = self.platform.background_jobs.start(METHOD, **facts)
        if holder is not None and on_conflict == "skip":
            assert started.id == holder.id
            return
        due = self.clock.now() + timedelta(seconds=delay)
        self.jobs.add(Job(started.id, [script], due, key=key, restarts=restarts))
        self.starts[started.id] = facts

    @rule(data=st.data(), other=SCRIPTS)
    def start_again(self, data: st.DataObject, other: list[str]) -> None:
        """With the id of one that is there."""
        known = sorted(self.starts.keys() & self.jobs.all.keys())
        if not known:
            return
        job = data.draw(st.sampled_from(known))
        facts = {**self.starts[job], "parameters": [other]}
        try:
            assert self.platform.background_jobs.start(METHOD, id=job, **facts).id == job
        except IdInUse:
            assert [other] != self.starts[job]["parameters"]

    @rule(scripts=st.lists(SCRIPTS, min_size=1, max_size=3), restarts=st.integers(0, 1))
    def start_many(self, scripts: list[list[str]], restarts: int) -> None:
        retry = RetryPolicy(count=restarts, interval=10)
        ids = self.platform.background_jobs.start_many(METHOD, [[each] for each in scripts], retry=retry)
        for job, script in zip(ids, scripts, strict=True):
            self.jobs.add(Job(job, [script], self.clock.now(), restarts=restarts))

    @rule(scripts=st.lists(SCRIPTS, min_size=1, max_size=3), parallel=st.integers(1, 2))
    def start_a_map(self, scripts: list[list[str]], parallel: int) -> None:
        job = self.platform.background_jobs.map(METHOD, [{"script": each} for each in scripts], parallel=parallel)
        self.jobs.add(Job(job.id, scripts, self.clock.now(), kind="map", state="running"))

    @rule(scripts=st.lists(SCRIPTS, max_size=3))
    def start_a_family(self, scripts: list[list[str]]) -> None:
        job = self.platform.background_jobs.start(f"{MODULE}:lead", [scripts])
        self.jobs.add(Job(job.id, scripts, self.clock.now(), kind="family"))

    @rule(seconds=st.sampled_from([0, 1, 10, 60, 3_600]))
    def time_passes_and_all_that_is_due_runs(self, seconds: int) -> None:
        now = self.clock.advance(seconds)
        self.platform.run_due()
        self.jobs.run_due(now)

    def _draw(self, data: st.DataObject) -> Job | None:
        known = list(self.jobs.all.values())
        return known[data.draw(st.integers(0, len(known) - 1))] if known else None

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = self._draw(data)
        if job is not None:
            self.platform.background_jobs.get(job.id).cancel()
            if job.active:
                self.jobs.end(job, "cancelled", self.clock.now())

    @rule(data=st.data(), keep=st.booleans())
    def receive(self, data: st.DataObject, keep: bool) -> None:
        job = self._draw(data)
        if job is not None:
            told = [each.data for each in self.platform.background_jobs.get(job.id).receive(keep=keep)]
            # Results and errors of families and maps are their own.
            found = [each for each in told if isinstance(each, int) or (isinstance(each, list) and len(each) == 2)]
            expected = job.emitted[job.received :]
            assert found == expected if job.kind == "work" else sorted(map(str, found)) == sorted(map(str, expected))
            if not keep:
                job.received = len(job.emitted)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        job = self._draw(data)
        if job is None:
            return
        try:
            self.platform.background_jobs.get(job.id).remove()
        except WrongState:
            assert job.active
        else:
            assert not job.active
            del self.jobs.all[job.id]

    @rule(age=st.sampled_from([0, 30, 3_600]), keep=st.integers(0, 5))
    def retention(self, age: int, keep: int) -> None:
        before = self.clock.now() - timedelta(seconds=age)
        with self.platform._context.store.write() as tx:
            remove_finished(tx, "trial", before=before, keep=keep)
        gone = set(self.jobs.all)
        self.jobs.forget(before, keep)
        for each in gone - set(self.jobs.all):
            try:
                self.platform.background_jobs.get(each)
            except JobNotFound:
                continue
            raise AssertionError("what was to go is there")

    @invariant()
    def the_jobs_are_the_model(self) -> None:
        with self.platform._context.store.read() as tx:
            found = background_jobs.select_jobs(tx, Filter(newest=10_000))
        stored = {job.id: (str(job.state), job.attempt, job.key) for job in found if job.parent is None}
        expected = {
            job.id: (job.state, job.attempts if job.kind != "map" else 0, job.key) for job in self.jobs.all.values()
        }
        assert stored == expected

    @invariant()
    def children_are_over_with_their_parent(self) -> None:
        for job in self.jobs.all.values():
            if job.kind != "work" and not job.active:
                assert all(child.finished for child in self.platform.background_jobs.get(job.id).children())
