"""Events to log lines: the only place where what happens is put into words."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from rota.model.counting import counted
from rota.model.event import Event, Name
from rota.model.record import Stream

Tone = Literal["quiet", "plain", "good", "warn", "bad"]


class Line(NamedTuple):
    """One line: when, how it should strike the reader, whom it is about, and the words."""

    at: datetime
    tone: Tone
    subject: str
    text: str


Facts = Mapping[str, Any]


def line_of(event: Event) -> Line | None:
    """The line for an event; None for one that is not worth a line."""
    wording = _WORDINGS.get(event.name)
    if wording is None:
        return None
    tone, put = wording
    text = put(event.facts)
    return Line(event.at, tone, str(event.facts.get("name", _subject(event))), text) if text else None


def _subject(event: Event) -> str:
    """What an event is about that names nothing: `files`, or mostly the engine."""
    family = event.name.partition(".")[0]
    return family if family in {"configuration", "code", "files"} else "engine"


def is_out_of_order(name: Name) -> bool:
    """Whether events of this name are wrong or worth a warning, not the usual course of things."""
    wording = _WORDINGS.get(name)
    return wording is not None and wording[0] in {"warn", "bad"}


_LEVELS: dict[Tone, int] = {"warn": logging.WARNING, "bad": logging.ERROR}


def tell_logging(event: Event) -> None:
    """Tell the standard logger `rota.engine` of an event: for programs that host an engine and log by themselves."""
    line = line_of(event)
    if line is not None:
        logging.getLogger("rota.engine").log(_LEVELS.get(line.tone, logging.INFO), "%s: %s", line.subject, line.text)


def short(job_id: str) -> str:
    """The beginning of an id, enough to type."""
    return job_id[:8]


def local(instant: datetime) -> str:
    """An instant for people: local time, to the second."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M:%S}"


def seconds(begin: datetime | None, end: datetime | None) -> str:
    """How long something took, as people say it."""
    if begin is None or end is None:
        return ""
    span = (end - begin).total_seconds()
    if span < 1:
        return f"{span * 1000:.0f} ms"
    if span < 120:
        return f"{span:.1f} s"
    minutes, rest = divmod(int(span), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def _attempt(facts: Facts) -> str:
    return f", attempt {facts['attempt']}" if facts.get("attempt", 1) > 1 else ""


def _missed(facts: Facts) -> str:
    count = facts["count"]
    first, last = facts["first_start"], facts["last_start"]
    if count == 1:
        return f"missed the start of {local(first)}: {facts['reason']}"
    return f"missed {count} starts from {local(first)} to {local(last)}: {facts['reason']}"


def words(stream: str, data: Any) -> str:
    """What a record says: progress and log records in words, text as it is, anything else as JSON."""
    if stream == Stream.PROGRESS:
        fraction, text = data.get("fraction"), data.get("text")
        percent = f"{fraction:.0%}" if fraction is not None else ""
        return " ".join(part for part in (percent, text or "") if part)
    if stream == Stream.LOG and isinstance(data, Mapping):
        return f"{data.get('level', '')} {data.get('message', '')}".strip()
    if stream == Stream.EVENT and isinstance(data, Mapping):
        return _event_words(data)
    if stream == Stream.ERROR and isinstance(data, Mapping):
        return f"{data.get('type')}: {data.get('message')}"
    return data.rstrip("\n") if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def _event_words(data: Mapping[str, Any]) -> str:
    """What an event among a job's records says: that others of them are not there."""
    if data.get("event") == "truncated":
        return f"output beyond {data.get('limit')} bytes is not kept"
    if data.get("event") == "gap":
        return f"{data.get('lost')} records are no longer kept ({data.get('reason')})"
    return json.dumps(data, ensure_ascii=False)


def _completed(facts: Facts) -> str:
    return f"completed in {seconds(facts['begin_at'], facts['end_at'])}{_attempt(facts)}"


def _why(facts: Facts) -> str:
    error = facts.get("error")
    reason = facts.get("reason")
    if error is None:
        return str(reason)
    return str(error) if reason in {None, str(error)} else f"{reason} ({error})"


def _failed(facts: Facts) -> str:
    return f"failed{_attempt(facts)}: {_why(facts)}"


def _waiting(facts: Facts) -> str:
    restart = f"restart {facts['restart']} of {facts['restarts']} at {facts['due_at'].astimezone():%H:%M:%S}"
    if facts.get("error") is None:
        return f"{facts['reason']}; runs again when an engine is there"
    return f"{_why(facts)}; {restart}"


def _lock_ended(facts: Facts) -> str:
    how = ": its holder was silent for longer than its lease" if facts["dead"] else ""
    return f"the lock {facts['lock']} of {facts['holder']} has ended{how}"


def _node_lost(facts: Facts) -> str:
    return f"node {facts['node']} is lost: {facts['reason']}"


def _engine_stopping(facts: Facts) -> str:
    if not facts["running"]:
        return "stopping"
    return f"stopping; {facts['running']} running may take {facts['grace']:g} s to end (Ctrl-C again: do not wait)"


def _removed(facts: Facts) -> str:
    count = facts["count"]
    return f"retention removed {counted(count, 'finished job')}"


def _applied(facts: Facts) -> str:
    if facts["plan"].is_empty:
        return f"nothing to do, revision {facts['revision']} stands"
    return f"applied as revision {facts['revision']}"


def _warned(facts: Facts) -> str:
    count = len(facts["problems"])
    return counted(count, "new warning")


def _code(facts: Facts) -> str:
    count = facts["files"]
    return f"{counted(count, 'Python file')} changed: jobs that start from now on run the new code"


def _followed(facts: Facts) -> str:
    how = "" if facts["events"] else f", looking every {facts['every']:g} s"
    return f"following {', '.join(facts['paths'])}{how}"


_WORDINGS: dict[Name, tuple[Tone, Callable[[Facts], str]]] = {
    Name.ENGINE_STARTED: ("quiet", lambda f: f"running as {f['node']}"),
    Name.ENGINE_STANDS_BY: ("quiet", lambda f: f"stands by: {f['reason']}"),
    Name.ENGINE_STOPPING: ("quiet", _engine_stopping),
    Name.ENGINE_STOPPED: (
        "quiet",
        lambda f: f"stopped; {f['handed_back']} handed back to run again" if f["handed_back"] else "stopped",
    ),
    Name.JOB_MISSED: ("warn", _missed),
    Name.JOB_HELD: ("warn", lambda f: f"due, but {f['reason']}"),
    Name.JOB_STARTED: ("plain", lambda f: f"started {short(f['job'])}{_attempt(f)}"),
    Name.JOB_EMITTED: ("quiet", lambda f: words(f["stream"], f["data"])),
    Name.JOB_COMPLETED: ("good", _completed),
    Name.JOB_FAILED: ("bad", _failed),
    Name.JOB_CANCELLED: ("warn", lambda f: f"cancelled: {f['reason']}"),
    Name.JOB_WAITING: ("warn", _waiting),
    Name.JOB_STOPPING: ("warn", lambda f: f"told to stop: {f['reason']}"),
    Name.JOB_REFUSED: ("warn", lambda _f: "its end was refused: the lease had been lost"),
    Name.OVERRIDE_ENDED: ("quiet", lambda f: f"as configured again: {', '.join(f['properties'])}"),
    Name.LOCK_TAKEN: ("warn", lambda f: f"the lock {f['lock']} is held by {f['holder']}: {f['reason']}"),
    Name.LOCK_ENDED: ("plain", _lock_ended),
    Name.NODE_LOST: ("bad", _node_lost),
    Name.JOBS_REMOVED: ("quiet", _removed),
    Name.CONFIGURATION_APPLIED: ("good", _applied),
    Name.CONFIGURATION_WARNED: ("warn", _warned),
    Name.CONFIGURATION_REFUSED: ("bad", lambda f: f"not applied, all goes on as before: {f['reason']}"),
    Name.CODE_CHANGED: ("good", _code),
    Name.CODE_REFUSED: ("bad", lambda f: f"the code from before goes on: {f['reason']}"),
    Name.FILES_FOLLOWED: ("quiet", _followed),
    Name.SERVICE_TROUBLED: ("bad", lambda f: f"{f['service']}: {f['error']}; trying again"),
    Name.SERVICE_FAILED: ("bad", lambda f: f"{f['service']} failed: {type(f['error']).__name__}: {f['error']}"),
}
