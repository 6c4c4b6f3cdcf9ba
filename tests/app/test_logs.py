"""Every event has its words, or none on purpose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rota.app.logs import line_of, seconds, tell_logging, words
from rota.model.event import Event, Name
from rota.model.outcome import ErrorInfo
from rota.plan import Allowed
from rota.reconcile.reconciler import plan_for_new_database
from tests.support.updates import OLD

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LOCAL = f"{AT.astimezone():%Y-%m-%d %H:%M:%S}"
JOB = {"job": "0123456789", "name": "rates", "attempt": 1}
ERROR = ErrorInfo(type="ValueError", message="no bank", traceback="")
END = {**JOB, "begin_at": AT, "end_at": AT + timedelta(seconds=1.5), "reason": None, "error": None}
RESTART = {"due_at": AT, "restart": 1, "restarts": 3}
ONE = {"name": "rates", "count": 1, "first_start": AT, "last_start": AT, "reason": "no engine ran"}
FIRST = plan_for_new_database(OLD, Allowed())

WORDS: list[tuple[Name, dict[str, Any], str | None]] = [
    (Name.ENGINE_STARTED, {"node": "host-1"}, "running as host-1"),
    (Name.ENGINE_STANDS_BY, {"reason": "process 7 has it"}, "stands by: process 7 has it"),
    (Name.ENGINE_STOPPING, {"running": 0, "grace": 30.0}, "stopping"),
    (
        Name.ENGINE_STOPPING,
        {"running": 2, "grace": 30.0},
        "stopping; 2 running may take 30 s to end (Ctrl-C again: do not wait)",
    ),
    (Name.ENGINE_STOPPED, {"handed_back": 0}, "stopped"),
    (Name.ENGINE_STOPPED, {"handed_back": 2}, "stopped; 2 handed back to run again"),
    (Name.JOB_DUE, {"name": "rates", "job": "0123456789", "nominal_start": AT}, None),
    (Name.JOB_MISSED, ONE, f"missed the start of {LOCAL}: no engine ran"),
    (Name.JOB_MISSED, {**ONE, "count": 5}, f"missed 5 starts from {LOCAL} to {LOCAL}: no engine ran"),
    (Name.OVERRIDE_ENDED, {"name": "rates", "properties": ["use", "key"]}, "as configured again: use, key"),
    (Name.JOB_HELD, {"name": "rates", "reason": "key 'k' is in use"}, "due, but key 'k' is in use"),
    (Name.JOB_STARTED, JOB, "started 01234567"),
    (Name.JOB_STARTED, {**JOB, "attempt": 2}, "started 01234567, attempt 2"),
    (Name.JOB_EMITTED, {**JOB, "stream": "stdout", "data": "a\nb\n"}, "a\nb"),
    (Name.JOB_EMITTED, {**JOB, "stream": "stdout", "data": "\n"}, None),
    (Name.JOB_COMPLETED, END, "completed in 1.5 s"),
    (Name.JOB_COMPLETED, {**END, "attempt": 3}, "completed in 1.5 s, attempt 3"),
    (Name.JOB_FAILED, {**END, "error": ERROR}, "failed: ValueError: no bank"),
    (Name.JOB_FAILED, {**END, "reason": "lost"}, "failed: lost"),
    (Name.JOB_FAILED, {**END, "reason": "timeout", "error": ERROR}, "failed: timeout (ValueError: no bank)"),
    (Name.JOB_CANCELLED, {**END, "reason": "asked for by alice"}, "cancelled: asked for by alice"),
    (
        Name.JOB_WAITING,
        {**END, **RESTART, "error": ERROR},
        f"ValueError: no bank; restart 1 of 3 at {AT.astimezone():%H:%M:%S}",
    ),
    (Name.JOB_WAITING, {**END, **RESTART, "reason": "stopped"}, "stopped; runs again when an engine is there"),
    (Name.JOB_STOPPING, {**JOB, "reason": "timeout"}, "told to stop: timeout"),
    (Name.JOB_REFUSED, JOB, "its end was refused: the lease had been lost"),
    (
        Name.LOCK_TAKEN,
        {"lock": "jobs", "holder": "ann", "reason": "a new disk"},
        "the lock jobs is held by ann: a new disk",
    ),
    (Name.LOCK_ENDED, {"lock": "jobs", "holder": "ann", "dead": False}, "the lock jobs of ann has ended"),
    (
        Name.LOCK_ENDED,
        {"lock": "jobs", "holder": "ann", "dead": True},
        "the lock jobs of ann has ended: its holder was silent for longer than its lease",
    ),
    (Name.NODE_LOST, {"node": "host-1", "reason": "silent"}, "node host-1 is lost: silent"),
    (Name.JOBS_REMOVED, {"count": 1}, "retention removed 1 finished job"),
    (Name.JOBS_REMOVED, {"count": 2}, "retention removed 2 finished jobs"),
    (Name.SERVICE_TROUBLED, {"service": "scheduler", "error": OSError("x")}, "scheduler: x; trying again"),
    (Name.SERVICE_FAILED, {"service": "scheduler", "error": KeyError("x")}, "scheduler failed: KeyError: 'x'"),
    (Name.FILES_FOLLOWED, {"paths": ["shop", "b.yaml"], "events": True, "every": 1.0}, "following shop, b.yaml"),
    (Name.FILES_FOLLOWED, {"paths": ["shop"], "events": False, "every": 0.5}, "following shop, looking every 0.5 s"),
    (Name.CONFIGURATION_APPLIED, {"plan": FIRST, "revision": 3}, "applied as revision 3"),
    (
        Name.CONFIGURATION_APPLIED,
        {"plan": replace(FIRST, operations=()), "revision": 3},
        "nothing to do, revision 3 stands",
    ),
    (Name.CONFIGURATION_WARNED, {"problems": [object()]}, "1 new warning"),
    (Name.CONFIGURATION_WARNED, {"problems": [object(), object()]}, "2 new warnings"),
    (Name.CONFIGURATION_REFUSED, {"reason": "1 error"}, "not applied, all goes on as before: 1 error"),
    (Name.CODE_CHANGED, {"files": 1}, "1 Python file changed: jobs that start from now on run the new code"),
    (Name.CODE_CHANGED, {"files": 2}, "2 Python files changed: jobs that start from now on run the new code"),
    (Name.CODE_REFUSED, {"reason": "SyntaxError"}, "the code from before goes on: SyntaxError"),
]

ABOUT = {
    Name.FILES_FOLLOWED: "files",
    Name.CONFIGURATION_APPLIED: "configuration",
    Name.CONFIGURATION_WARNED: "configuration",
    Name.CONFIGURATION_REFUSED: "configuration",
    Name.CODE_CHANGED: "code",
    Name.CODE_REFUSED: "code",
}
"""What an event is about that names nothing."""


def test_no_event_is_forgotten() -> None:
    assert {name for name, _, _ in WORDS} == set(Name)


@pytest.mark.parametrize(("name", "facts", "text"), WORDS)
def test_the_words(name: Name, facts: dict[str, Any], text: str | None) -> None:
    line = line_of(Event(name, AT, facts))
    assert (line.text if line else None) == text
    if line:
        assert (line.at, line.subject) == (AT, facts.get("name", ABOUT.get(name, "engine")))


@pytest.mark.parametrize(
    ("stream", "data", "text"),
    [
        ("progress", {"fraction": 0.5, "text": "half"}, "50% half"),
        ("progress", {"fraction": None, "text": "going"}, "going"),
        ("progress", {"fraction": 1.0, "text": None}, "100%"),
        ("progress", {"fraction": None, "text": None}, ""),
        ("log", {"level": "WARNING", "message": "low"}, "WARNING low"),
        ("output", {"a": "ä", "b": [1]}, '{"a": "ä", "b": [1]}'),
        ("output", None, "null"),
        ("message", "hello\n", "hello"),
        ("error", {"type": "ValueError", "message": "no", "traceback": "long"}, "ValueError: no"),
    ],
)
def test_what_records_say(stream: str, data: Any, text: str) -> None:
    assert words(stream, data) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [(0.25, "250 ms"), (1.25, "1.2 s"), (119, "119.0 s"), (125, "2 min 05 s"), (7_260, "2 h 01 min")],
)
def test_spans(span: float, text: str) -> None:
    assert seconds(AT, AT + timedelta(seconds=span)) == text
    assert seconds(None, AT) == seconds(AT, None) == ""


def test_a_program_that_hosts_an_engine_finds_its_events_in_its_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "rota.engine")
    tell_logging(Event(Name.ENGINE_STARTED, AT, {"node": "host-1"}))
    tell_logging(Event(Name.JOB_DUE, AT, {"name": "rates", "job": "0123456789", "nominal_start": AT}))
    tell_logging(Event(Name.JOB_MISSED, AT, ONE))
    assert [(record.levelname, record.name) for record in caplog.records] == [
        ("INFO", "rota.engine"),
        ("WARNING", "rota.engine"),
    ]
    assert caplog.messages[0] == "engine: running as host-1"
