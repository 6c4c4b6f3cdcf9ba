"""The answerer: answers what running methods ask, and looks after those that wait for their children.

A method that waits lends its slot: five parents in a pool of five, each waiting for a child, would wait for ever
otherwise. It gets the slot back before anything new is begun there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from rota.engine.live import Asked, LiveAttempts
from rota.model.attempt import Attempt
from rota.model.error_data import error_to_data
from rota.model.errors import RotaError, TemporaryError
from rota.model.states import FINISHED, State
from rota.model.values import Json
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, children

AnswerQuestion: TypeAlias = Callable[[Attempt, Mapping[str, Any]], Json]
"""Answers anything but a wait: `{"answer": ...}`. Raises `RotaError`, which becomes `{"error": ...}`."""

POLL = timedelta(seconds=1)
"""How often waits are looked at when nobody says that a job has ended."""


@dataclass(slots=True)
class _Wait:
    """A method that waits for children. `end_mark` is monotonic."""

    asked: Asked
    jobs: Sequence[str]
    any: bool
    end_mark: float | None
    lends: bool = field(default=False)


class Answerer:
    """Takes questions in the order in which they come; `note_ends` is to be called when jobs may have ended."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        live: LiveAttempts,
        answer: AnswerQuestion,
        wake: Callable[[], None],
        say_waiting: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._live = live
        self._answer = answer
        self._wake = wake
        self._say_waiting = say_waiting
        self._waits: list[_Wait] = []

    def note_ends(self) -> None:
        """Jobs may have ended, here or elsewhere."""
        if self._waits:
            self._wake()

    def stands_still(self) -> bool:
        """Whether all attempts of this node wait for children that nobody is running: none ends before a claim."""
        waits, here = list(self._waits), {live.id for live in self._live.all()}
        if not here or {wait.asked.live.id for wait in waits if wait.lends} != here:
            return False
        runs_here = {attempt.job for attempt in here}
        try:
            with self._store.read() as tx:
                seen = [(wait, children.states(tx, wait.asked.live.lease.attempt.job, wait.jobs)) for wait in waits]
        except TemporaryError:
            return False
        return not any(
            self._is_enough(wait, states) or {job for job in states if states[job] is State.RUNNING} - runs_here
            for wait, states in seen
        )

    def run_once(self) -> Pass:
        """Answer what was asked, end the waits that are over, and have the others lend their slots."""
        asked = self._live.take_asked()
        for each in asked:
            if each.question["ask"] == "wait":
                self._waits.append(self._wait_of(each))
            else:
                each.answer(self._answer_safely(each, each.question))
        over = self._look()
        next_at = None
        if self._waits:
            self._say_waiting()
            next_at = self._next_at()
        return Pass({"questions": len(asked), "waits": len(self._waits), "over": over}, next_at)

    def _wait_of(self, asked: Asked) -> _Wait:
        timeout = asked.question["timeout"]
        end_mark = None if timeout is None else self._clock.monotonic() + timeout
        return _Wait(asked, list(dict.fromkeys(asked.question["jobs"])), asked.question["any"], end_mark)

    def _look(self) -> int:
        """End the waits that are over, and have the others lend their slots."""
        self._waits = [wait for wait in self._waits if self._live.is_running(wait.asked.live.id)]
        over = []
        for wait in self._waits:
            if self._is_over(wait):
                over.append(wait)
            elif not wait.lends:
                wait.lends = True
                self._live.lend_slot(wait.asked.live)
        for wait in over:
            self._waits.remove(wait)
            self._end(wait)
        return len(over)

    def _is_over(self, wait: _Wait) -> bool:
        parent = wait.asked.live.lease.attempt.job
        try:
            with self._store.read() as tx:
                states = children.states(tx, parent, wait.jobs)
        except TemporaryError:
            return False  # the database is away for a moment, and others complain about it
        return self._is_enough(wait, states)

    def _is_enough(self, wait: _Wait, states: Mapping[str, State]) -> bool:
        """Whether a wait is over, with its children in these states."""
        finished = sum(1 for state in states.values() if state in FINISHED)
        if len(states) < len(wait.jobs) or finished == len(wait.jobs) or (wait.any and finished):
            return True
        return wait.end_mark is not None and self._clock.monotonic() >= wait.end_mark

    def _end(self, wait: _Wait) -> None:
        question = {"ask": "look", "jobs": wait.jobs}
        answer = self._answer_safely(wait.asked, question)
        if wait.lends:
            self._live.return_slot(wait.asked.live, lambda: wait.asked.answer(answer))
        else:
            wait.asked.answer(answer)

    def _answer_safely(self, asked: Asked, question: Mapping[str, Any]) -> Json:
        """A mistake in an answer is the asking method's trouble, and not the engine's."""
        try:
            return self._answer(asked.live.lease.attempt, question)
        except RotaError as error:
            return {"error": error_to_data(error)}
        except Exception as error:
            logging.getLogger("rota.engine").exception("a question of %s was not answered", asked.live.id)
            trouble = RotaError(f"the engine could not answer: {type(error).__name__}: {error}")
            return {"error": error_to_data(trouble)}

    def _next_at(self) -> datetime:
        now, mark = self._clock.now(), self._clock.monotonic()
        spans = [timedelta(seconds=wait.end_mark - mark) for wait in self._waits if wait.end_mark is not None]
        return now + max(timedelta(), min([POLL, *spans]))
