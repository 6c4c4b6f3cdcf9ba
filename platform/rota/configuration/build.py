"""Checked data to the values of the model: the last step of loading, and how a stored revision comes back to life."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from rota.configuration.resolve import executor_kinds, resolve_job
from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.retry import RetryPolicy
from rota.schedule import Schedule, parse_duration


class ParseSchedule(Protocol):
    """`Schedule.parse`, or something that answers like it."""

    def __call__(self, data: Any, *, timezone: str = "UTC") -> Schedule: ...


def build(
    header: Mapping[str, Any],
    jobs: Mapping[str, Mapping[str, Any]],
    *,
    base: Path,
    source: str,
    parse_schedule: ParseSchedule = Schedule.parse,
) -> Configuration:
    """The configuration that `header` and `jobs`, both found right, declare.

    Relative folders are relative to `base`. `source` is what the user named, for showing. A caller that has
    parsed the schedules already gives them back in `parse_schedule`.
    """
    timezone = header.get("timezone", "UTC")
    executors = header.get("executors", {})
    kinds, defaults = executor_kinds(executors), header.get("defaults", {})
    definitions = tuple(
        _definition(name, resolve_job(body, defaults, kinds), timezone, parse_schedule, base)
        for name, body in jobs.items()
    )
    configuration = Configuration(
        name=header["name"],
        description=header.get("description", ""),
        timezone=timezone,
        modules=tuple(header.get("modules", ())),
        path=tuple(str((base / folder).resolve()) for folder in header.get("path", ["."])),
        executors=tuple(
            ExecutorSpec(name=name, kind=spec["kind"], workers=spec.get("workers")) for name, spec in executors.items()
        ),
        retention=_retention(header.get("retention", {})),
        definitions=definitions,
        source=source,
    )
    return _sealed(configuration)


def from_document(document: Mapping[str, Any], *, source: str = "") -> Configuration:
    """The configuration whose `document` this is; its folders are absolute already."""
    return build(document["configuration"], document["jobs"], base=Path("/"), source=source)


def _definition(
    name: str, job: Mapping[str, Any], timezone: str, parse_schedule: ParseSchedule, base: Path
) -> Definition:
    """One definition from a resolved job."""
    timeout, schedule, command, folder = job["timeout"], job["schedule"], job["command"], job["working_directory"]
    return Definition(
        **{
            **job,
            "name": name,
            "command": tuple(command) if command is not None else None,
            "working_directory": str((base / folder).resolve()) if folder is not None else None,
            "ok_exit_codes": tuple(job["ok_exit_codes"]),
            "retry": _retry(job["retry"]),
            "schedule": parse_schedule(schedule, timezone=timezone) if schedule is not None else None,
            "timeout": parse_duration(timeout) if timeout is not None else None,
        }
    )


def canonical(document: Any) -> bytes:
    """JSON of which there is only one text for equal documents: keys sorted, no spaces, UTF-8."""
    import msgspec

    return msgspec.json.encode(document, order="deterministic")


def _sealed(configuration: Configuration) -> Configuration:
    """With its document and digest."""
    document = {
        "rota": 1,
        "configuration": {
            "name": configuration.name,
            "description": configuration.description,
            "timezone": configuration.timezone,
            "modules": list(configuration.modules),
            "path": list(configuration.path),
            "executors": {executor.name: executor.to_data() for executor in configuration.executors},
            "retention": configuration.retention.to_data(),
        },
        "jobs": {
            definition.name: {**definition.properties(), "renamed_from": definition.renamed_from}
            for definition in configuration.definitions
        },
    }
    return replace(configuration, document=document, digest=hashlib.sha256(canonical(document)).hexdigest())


def _retry(data: Mapping[str, Any]) -> RetryPolicy:
    durations = {key: parse_duration(data[key]) for key in ("interval", "max_interval") if data.get(key) is not None}
    return RetryPolicy(**{**data, **durations})


def _retention(data: Mapping[str, Any]) -> Retention:
    age = {"age": parse_duration(data["age"])} if "age" in data else {}
    return Retention(**{**data, **age})
