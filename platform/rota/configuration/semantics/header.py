"""Rules of the header: time zone, executors, defaults, retention."""

from __future__ import annotations

from rota.configuration.codes import Code
from rota.configuration.declared import DEFAULT_EXECUTOR, EXECUTORS, HEADER, TIMEZONE, Declared
from rota.configuration.document import Document, Findings
from rota.configuration.resolve import executor_kinds
from rota.configuration.semantics.values import check_duration, check_executor_name, check_retry
from rota.configuration.wording import show
from rota.model.definition import BUILT_IN_EXECUTORS
from rota.schedule.zone_names import zone_hint, zone_names


def check_header(declared: Declared, findings: Findings) -> str:
    """Check the header, and give the time zone to read schedules with."""
    document = declared.header_document
    if document is None:
        return "UTC"
    _check_executors(declared, document, findings)
    defaults, path = declared.section("defaults"), (*HEADER, "defaults")
    kinds = executor_kinds(declared.section("executors"))
    check_executor_name(defaults.get("executor"), kinds, document, DEFAULT_EXECUTOR, findings)
    check_retry(defaults.get("retry"), document, (*path, "retry"), findings)
    check_duration(defaults.get("timeout"), document, (*path, "timeout"), findings, positive=True)
    check_duration(declared.section("retention").get("age"), document, (*HEADER, "retention", "age"), findings)
    return _check_timezone(declared, document, findings)


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
