"""What a running method may ask of the engine: start children, look at them, read what they emitted.

Parameters are checked where the method runs, which has the code; here is checked whether the method may be started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rota.app import background
from rota.app.context import Context
from rota.app.methods import Known, Methods
from rota.app.start_options import Start
from rota.app.starting import Starter
from rota.model.attempt import Attempt
from rota.model.background_job import BackgroundJob
from rota.model.errors import JobNotFound
from rota.model.retry import RetryPolicy
from rota.model.values import Json, Parameters
from rota.store import children, records
from rota.store.configurations import AppliedConfiguration


class Answering:
    """Answers questions of methods, as the user that their job runs as."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._methods = _AllowedMethods(context)
        """Which methods may be started; their parameters were checked by whoever asks."""

    def __call__(self, attempt: Attempt, question: Mapping[str, Any]) -> Json:
        """The answer, as `{"answer": ...}`. Raises `RotaError`."""
        context = replace(self._context, user=attempt.user)
        facts = {name: value for name, value in question.items() if name != "ask"}
        answers: dict[str, Callable[..., Json]] = {
            "home": self._home,
            "start": self._start,
            "look": self._look,
            "records": self._records,
        }
        return {"answer": answers[question["ask"]](context, attempt, **facts)}

    def _home(self, _context: Context, _attempt: Attempt, method: str) -> Json:
        """Where the method's module is looked for."""
        known = self._methods.recent()
        return {"path": list(known.import_path(known.home(method)))}

    def _start(
        self, context: Context, attempt: Attempt, method: str, parameters: list[Any], how: Mapping[str, Any]
    ) -> Json:
        """Start a child for each of `parameters`; their ids."""
        start = Start(**{**how, "retry": RetryPolicy.from_data(how["retry"]), "parent": attempt.id})
        starter = Starter(context, self._methods)
        if len(parameters) == 1:
            return [starter.start(method, parameters[0], start).id]
        return starter.start_many(method, parameters, start)

    def _look(self, context: Context, attempt: Attempt, jobs: list[str]) -> Json:
        """The children as they are now, those that ended first in front."""
        self._require_children(context, attempt, jobs)
        seen = background.get_all(context, jobs)
        return [_child(job) for job in sorted(seen, key=lambda job: job.end_at or context.now())]

    def _records(self, context: Context, attempt: Attempt, job: str, after: int) -> Json:
        """What a child emitted after record number `after`."""
        self._require_children(context, attempt, [job])
        with context.store.read() as tx:
            found = records.of_job(tx, job, after=after, limit=_PAGE)
        return [
            {
                "attempt": each.attempt,
                "number": each.number,
                "stream": each.stream,
                "at": each.at.isoformat(),
                "data": each.data,
            }
            for each in found
        ]

    def _require_children(self, context: Context, attempt: Attempt, jobs: list[str]) -> None:
        with context.store.read() as tx:
            mine = children.states(tx, attempt.job, jobs)
        for job in jobs:
            if job not in mine:
                raise JobNotFound("child", job)


_PAGE = 500


class _AllowedMethods(Methods):
    """Methods whose parameters were checked by whoever starts them."""

    def check(self, known: Known, method: str, parameters: Sequence[Parameters]) -> AppliedConfiguration:  # noqa: ARG002 -- inherited
        return known.home(method)


def _child(job: BackgroundJob) -> Json:
    return {
        "id": job.id,
        "name": job.name,
        "state": str(job.state),
        "reason": job.reason,
        "result": job.result,
        "error": job.error.to_data() if job.error else None,
    }
