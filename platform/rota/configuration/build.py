"""Checked data to the values of the model: the last step of loading, and how a stored revision comes back to life."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rota.configuration.resolve import executor_kinds, resolve_job
from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.retry import RetryPolicy
from rota.schedule import Schedule, parse_duration


class ParseSchedule(Protocol):
    """`Schedule.parse`, or something that answers like it."""

    def __call__(self, data: Any, *, timezone: str = "UTC") -> Schedule: ...


class Defined(NamedTuple):
    """A definition, what a revision keeps of it, and that as an entry of canonical JSON: `"name":{...}`."""

    definition: Definition
    kept: Mapping[str, Any]
    entry: bytes


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
    defined = define(header, jobs, base=base, parse_schedule=parse_schedule)
    return assemble(header, defined, base=base, source=source)


def define(
    header: Mapping[str, Any],
    jobs: Mapping[str, Mapping[str, Any]],
    *,
    base: Path,
    parse_schedule: ParseSchedule = Schedule.parse,
) -> list[Defined]:
    """The definitions of `jobs`, which may be some of those below the header. See `build`."""
    timezone = header.get("timezone", "UTC")
    kinds, defaults = executor_kinds(header.get("executors", {})), header.get("defaults", {})
    return [
        _defined(_definition(name, resolve_job(body, defaults, kinds), timezone, parse_schedule, base))
        for name, body in jobs.items()
    ]


def assemble(header: Mapping[str, Any], defined: Sequence[Defined], *, base: Path, source: str) -> Configuration:
    """The configuration of a header and all of its definitions. See `build`."""
    executors = header.get("executors", {})
    configuration = Configuration(
        name=header["name"],
        description=header.get("description", ""),
        timezone=header.get("timezone", "UTC"),
        modules=tuple(header.get("modules", ())),
        path=tuple(str((base / folder).resolve()) for folder in header.get("path", ["."])),
        executors=tuple(
            ExecutorSpec(name=name, kind=spec["kind"], workers=spec.get("workers")) for name, spec in executors.items()
        ),
        retention=_retention(header.get("retention", {})),
        definitions=tuple(each.definition for each in defined),
        source=source,
    )
    return _sealed(configuration, defined)


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


def _defined(definition: Definition) -> Defined:
    kept = {**definition.properties(), "renamed_from": definition.renamed_from}
    return Defined(definition, kept, b'"%b":%b' % (definition.name.encode(), canonical(kept)))


def _sealed(configuration: Configuration, defined: Sequence[Defined]) -> Configuration:
    """With its document, as data and as text, and its digest."""
    header = {
        "name": configuration.name,
        "description": configuration.description,
        "timezone": configuration.timezone,
        "modules": list(configuration.modules),
        "path": list(configuration.path),
        "executors": {executor.name: executor.to_data() for executor in configuration.executors},
        "retention": configuration.retention.to_data(),
    }
    document = {
        "rota": 1,
        "configuration": header,
        "jobs": {each.definition.name: each.kept for each in defined},
    }
    text = _canonical_text(header, defined)
    return replace(configuration, document=document, text=text, digest=hashlib.sha256(text).hexdigest())


def _canonical_text(header: Mapping[str, Any], defined: Sequence[Defined]) -> bytes:
    """The document in canonical form, put together from its entries.

    They sort as their names do: a quote comes before every character of a name.
    """
    jobs = b",".join(sorted(each.entry for each in defined))
    return b'{"configuration":%b,"jobs":{%b},"rota":1}' % (canonical(header), jobs)


def _retry(data: Mapping[str, Any]) -> RetryPolicy:
    durations = {key: parse_duration(data[key]) for key in ("interval", "max_interval") if data.get(key) is not None}
    return RetryPolicy(**{**data, **durations})


def _retention(data: Mapping[str, Any]) -> Retention:
    age = {"age": parse_duration(data["age"])} if "age" in data else {}
    return Retention(**{**data, **age})
