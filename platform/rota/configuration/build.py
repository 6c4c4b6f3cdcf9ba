"""Checked data to the values of the model: the last step of loading, and how a stored revision comes back to life."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Protocol

from rota.configuration.resolve import executor_kinds, resolve_job
from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.retry import RetryPolicy
from rota.model.values import canonical
from rota.schedule import Schedule, parse_duration


class ParseSchedule(Protocol):
    """`Schedule.parse`, or something that answers like it."""

    def __call__(self, data: Any, *, timezone: str = "UTC") -> Schedule: ...


def define(
    header: Mapping[str, Any],
    jobs: Mapping[str, Mapping[str, Any]],
    *,
    parse_schedule: ParseSchedule = Schedule.parse,
) -> list[Definition]:
    """The definitions of `jobs`, which may be some of those below the header; both were found right.

    A caller that has parsed the schedules already gives them back in `parse_schedule`.
    """
    timezone = header.get("timezone", "UTC")
    kinds, defaults = executor_kinds(header.get("executors", {})), header.get("defaults", {})
    return [
        _definition(name, resolve_job(body, defaults, kinds), timezone, parse_schedule) for name, body in jobs.items()
    ]


def assemble(header: Mapping[str, Any], definitions: Iterable[Definition], *, base: Path, source: str) -> Configuration:
    """The configuration of a header, which was found right, and all of its definitions; without its digest.

    It lies in the folder `base`, which its relative folders are relative to. `source` is what the user named, for
    showing.
    """
    executors = header.get("executors", {})
    return Configuration(
        name=header["name"],
        description=header.get("description", ""),
        timezone=header.get("timezone", "UTC"),
        modules=tuple(header.get("modules", ())),
        path=tuple(str(PurePath(folder)) for folder in header.get("path", ["."])),
        executors=tuple(
            ExecutorSpec(name=name, kind=spec["kind"], workers=spec.get("workers")) for name, spec in executors.items()
        ),
        retention=_retention(header.get("retention", {})),
        definitions=tuple(definitions),
        source=source,
        root=os.path.realpath(base),
    )


def sealed(configuration: Configuration) -> Configuration:
    """With its digest."""
    return replace(configuration, digest=configuration.seal())


def from_document(document: Mapping[str, Any], *, source: str = "", root: Path = Path("/")) -> Configuration:
    """The configuration whose `document` this is, as if it had been read from the folder `root`."""
    header = document["configuration"]
    definitions = define(header, document["jobs"], parse_schedule=_parse_once())
    return sealed(assemble(header, definitions, base=root, source=source))


def from_text(text: bytes, digest: str, *, source: str, root: Path) -> Configuration:
    """The configuration of this version that has this text and this digest: both are its own and are not found again.

    Every property stands in it, so that none is to be filled in.
    """
    import msgspec

    document, parse_schedule = msgspec.json.decode(text), _parse_once()
    header, jobs = document["configuration"], document["jobs"]
    definitions = [_definition(name, job, header["timezone"], parse_schedule) for name, job in jobs.items()]
    return replace(assemble(header, definitions, base=root, source=source), digest=digest, written=text)


def _parse_once() -> ParseSchedule:
    """Parses each different schedule once: most of ten thousand jobs share theirs with others."""
    known: dict[tuple[str, bytes], Schedule] = {}

    def parse(data: Any, *, timezone: str = "UTC") -> Schedule:
        question = (timezone, canonical(data))
        if question not in known:
            known[question] = Schedule.parse(data, timezone=timezone)
        return known[question]

    return parse


def _definition(name: str, job: Mapping[str, Any], timezone: str, parse_schedule: ParseSchedule) -> Definition:
    """One definition from a resolved job."""
    timeout, schedule, command, folder = job["timeout"], job["schedule"], job["command"], job["working_directory"]
    return Definition(
        **{
            **job,
            "name": name,
            "command": tuple(command) if command is not None else None,
            "working_directory": str(PurePath(folder)) if folder is not None else None,
            "ok_exit_codes": tuple(job["ok_exit_codes"]),
            "retry": _retry(job["retry"]),
            "schedule": parse_schedule(schedule, timezone=timezone) if schedule is not None else None,
            "timeout": parse_duration(timeout) if timeout is not None else None,
        }
    )


def _retry(data: Mapping[str, Any]) -> RetryPolicy:
    durations = {key: parse_duration(data[key]) for key in ("interval", "max_interval") if data.get(key) is not None}
    return RetryPolicy(**{**data, **durations})


def _retention(data: Mapping[str, Any]) -> Retention:
    age = {"age": parse_duration(data["age"])} if "age" in data else {}
    return Retention(**{**data, **age})
