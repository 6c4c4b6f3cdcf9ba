"""Rules of the header: time zone, executors, defaults, retention. And what it gives jobs to be judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rota.configuration.codes import Code
from rota.configuration.declared import DEFAULT_EXECUTOR, EXECUTORS, HEADER, MODULES, TIMEZONE, Declared
from rota.configuration.document import Document, Findings
from rota.configuration.parse import KeyPath
from rota.configuration.resolve import executor_kinds
from rota.configuration.semantics.values import check_duration, check_executor_name, check_retry
from rota.configuration.wording import closest, show
from rota.model.definition import BUILT_IN_EXECUTORS
from rota.schedule.zone_names import zone_hint, zone_names


@dataclass(frozen=True, slots=True)
class Ground:
    """What jobs of every file stand on: the modules, the kinds of all executors, the time zone of schedules.

    None where something is wrong with the header there: each job would only echo it.
    """

    modules: Sequence[str] | None = None
    kinds: Mapping[str, str] | None = None
    timezone: str = "UTC"


def check_header(declared: Declared, findings: Findings) -> Ground:
    """Check the header, and give what to judge jobs by."""
    document = declared.header_document
    if document is None:
        return Ground()
    is_sound = {path: _is_sound(path, declared, document, findings) for path in (MODULES, EXECUTORS)}
    _check_executors(declared, document, findings)
    defaults, path = declared.section("defaults"), (*HEADER, "defaults")
    kinds = executor_kinds(declared.section("executors")) if is_sound[EXECUTORS] else None
    check_executor_name(defaults.get("executor"), kinds, document, DEFAULT_EXECUTOR, findings)
    check_retry(defaults.get("retry"), document, (*path, "retry"), findings)
    check_duration(defaults.get("timeout"), document, (*path, "timeout"), findings, positive=True)
    check_duration(declared.section("retention").get("age"), document, (*HEADER, "retention", "age"), findings)
    modules = declared.modules if is_sound[MODULES] else None
    return Ground(modules, kinds, _check_timezone(declared, document, findings))


def _is_sound(path: KeyPath, declared: Declared, document: Document, findings: Findings) -> bool:
    """Whether nothing is wrong with what the header says at `path`, nor with a key that was probably meant for it."""
    key = str(path[-1])
    has_slip = key not in declared.header and any(closest(each, [key]) for each in declared.header)
    is_mapping = isinstance(document.data.get("configuration"), dict)
    return is_mapping and not has_slip and not findings.touches(document, path)


def _check_executors(declared: Declared, document: Document, findings: Findings) -> None:
    for name, spec in declared.section("executors").items():
        kind = spec.get("kind") if isinstance(spec, dict) else None
        if name in BUILT_IN_EXECUTORS and kind in BUILT_IN_EXECUTORS and kind != name:
            path = (*EXECUTORS, name, "kind")
            message = f"the built-in executor {name} is of kind {name}, not {kind}"
            findings.add(document, path, Code.EXECUTOR_KIND, message, hint="give yours another name")


def _check_timezone(declared: Declared, document: Document, findings: Findings) -> str:
    name = declared.header.get("timezone", "UTC")
    if not isinstance(name, str):
        return "UTC"
    if name not in zone_names():
        if not findings.covers(document, TIMEZONE):
            message = f"there is no time zone {show(name)}"
            findings.add(document, TIMEZONE, Code.TIMEZONE, message, hint=zone_hint(name))
        return "UTC"
    return name
