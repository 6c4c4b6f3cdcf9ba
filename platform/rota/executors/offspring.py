"""Children as a method sees them: what `current_job.start` gives and `current_job.wait` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from rota.executors.plain import to_plain
from rota.executors.scope import Scope
from rota.model.error_data import error_from_data
from rota.model.errors import BadParameters, UnknownMethod
from rota.model.outcome import ErrorInfo
from rota.model.parameters import bind
from rota.model.record import Record
from rota.model.states import FINISHED, State
from rota.model.values import Json
from rota.runtime.loading import FunctionNotFound, load_function

if TYPE_CHECKING:
    from rota.model.retry import RetryPolicy


class Child:
    """A job that the running one started. What it shows is as of the last wait."""

    def __init__(self, scope: Scope, job_id: str) -> None:
        self.id = job_id
        self.state = State.QUEUED
        self.reason: str | None = None
        self.result: Json = None
        """What its method returned."""
        self.error: ErrorInfo | None = None
        self._scope = scope
        self._received = 0

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    def receive(self) -> list[Record]:
        """What it emitted since the last call; never waits."""
        received: list[Record] = []
        while page := ask(self._scope, "records", job=self.id, after=self._received):
            received += [Record(job=self.id, **{**row, "at": datetime.fromisoformat(row["at"])}) for row in page]
            self._received = received[-1].number
        return received

    def see(self, facts: Mapping[str, Any]) -> None:
        """Take over what the engine says about it."""
        self.state, self.reason, self.result = State(facts["state"]), facts["reason"], facts["result"]
        self.error = ErrorInfo.from_data(facts["error"])

    def __repr__(self) -> str:
        return f"<Child {self.id} {self.state}>"


class WaitResult:
    """What a wait for children found: `done`, first those that ended first, `pending`, and whether time ran out."""

    def __init__(self, done: Sequence[Child], pending: Sequence[Child], *, timed_out: bool) -> None:
        self.done = tuple(done)
        self.pending = tuple(pending)
        self.timed_out = timed_out


def start_children(
    scope: Scope,
    method: str,
    parameters: Sequence[Any],
    *,
    retry: RetryPolicy | None,
    delay: timedelta | float | None,
    **how: Json,
) -> list[Child]:
    """Start a child for each of `parameters`, after checking them here, where the code is."""
    path = ask(scope, "home", method=method)["path"]
    try:
        function = load_function(method, path)
    except FunctionNotFound as error:
        raise UnknownMethod(method, error.reason) from error.__cause__
    checked = []
    for each in parameters:
        data = _as_json(method, each)
        bind(function, data, method=method)
        checked.append(data)
    if not checked:
        return []
    options: dict[str, Json] = {
        **how,
        "retry": retry.to_data() if retry else None,
        "delay": delay.total_seconds() if isinstance(delay, timedelta) else delay,
    }
    return [Child(scope, job) for job in ask(scope, "start", method=method, parameters=checked, how=options)]


def wait_for_children(scope: Scope, jobs: Sequence[Child], *, timeout: float | None, any_: bool) -> WaitResult:
    """Wait, without holding a slot."""
    children = {child.id: child for child in jobs}
    if not children:
        return WaitResult([], [], timed_out=False)
    seen = ask(scope, "wait", jobs=list(children), timeout=timeout, any=any_)
    for facts in seen:
        children[facts["id"]].see(facts)
    in_order = [children[facts["id"]] for facts in seen]
    done = [child for child in in_order if child.finished]
    pending = [child for child in children.values() if not child.finished]
    return WaitResult(done, pending, timed_out=bool(pending) and not (any_ and done))


def ask(scope: Scope, what: str, **facts: Any) -> Any:
    """The engine's answer. Raises what it raised."""
    answer: Any = scope.ask({"ask": what, **facts})
    if "error" in answer:
        raise error_from_data(answer["error"])
    return answer["answer"]


def _as_json(method: str, parameters: Any) -> Any:
    if parameters is not None and (
        isinstance(parameters, str | bytes) or not isinstance(parameters, Mapping | Sequence)
    ):
        raise BadParameters(method, ["they must be a mapping (by name) or a list (by position)"])
    try:
        return to_plain(parameters, "a parameter")
    except (TypeError, ValueError) as error:
        raise BadParameters(method, [str(error)]) from error
