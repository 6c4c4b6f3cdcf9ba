"""Lays an environment's overlay over the files of a configuration. Called by load.

It merges as JSON Merge Patch does (RFC 7396): mappings key by key, null removes, anything else replaces. Jobs that the
configuration does not have come from the overlay alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from rota.configuration.codes import Code
from rota.configuration.document import Document, Findings, Overlaid
from rota.configuration.parse import KeyPath
from rota.configuration.wording import closest

JOBS = "jobs"
HEADER = "configuration"


def lay_over(documents: Sequence[Document], overlay: Document, findings: Findings) -> list[Document]:
    """The documents with the `overlay` over them; untouched ones are the same objects. Its shape may be any."""
    homes = _homes(documents)
    parts: dict[Document, dict[str, Any]] = {}
    fresh: dict[str, Any] = {}
    header = next((document for document in documents if isinstance(document.data.get(HEADER), dict)), None)
    if header is not None and isinstance(overlay.data.get(HEADER), dict):
        parts[header] = {HEADER: overlay.data[HEADER]}
    jobs = overlay.data.get(JOBS)
    for name, body in jobs.items() if isinstance(jobs, dict) else ():
        if name in homes:
            parts.setdefault(homes[name], {}).setdefault(JOBS, {})[name] = body
        elif _may_come(name, body, homes, overlay, findings):
            fresh[name] = _without_nulls(body)
    laid = [_merged(each, overlay, parts[each], findings) if each in parts else each for each in documents]
    if fresh:
        laid.append(Document(overlay.source, {"rota": 1, JOBS: fresh}, overlay.damaged))
    return laid


def _homes(documents: Sequence[Document]) -> dict[str, Document]:
    """The file of each job."""
    homes: dict[str, Document] = {}
    for document in documents:
        jobs = document.data.get(JOBS)
        for name in jobs if isinstance(jobs, dict) else ():
            homes.setdefault(name, document)
    return homes


def _may_come(name: str, body: Any, homes: Mapping[str, Document], overlay: Document, findings: Findings) -> bool:
    """Whether this is a job of its own, and no slip in the name of one that is there."""
    path, hint = (JOBS, name), closest(name, homes)
    if body is None:
        message = f"removes nothing: there is no job {name}"
        findings.add(overlay, path, Code.OVERLAY_NOTHING, message, hint=hint, at_key=True)
        return False
    if not isinstance(body, dict) or "method" in body or "command" in body:
        return True
    message = f"there is no job {name} to change, and a new one needs a method or a command"
    findings.add(overlay, path, Code.OVERLAY_JOB, message, hint=hint, at_key=True)
    return False


def _merged(document: Document, overlay: Document, part: Mapping[str, Any], findings: Findings) -> Document:
    merge = _Merge()
    data = merge.over(document.data, part, ())
    for path in merge.nothing:
        message = f"removes nothing: there is no {path[-1]}"
        findings.add(overlay, path, Code.OVERLAY_NOTHING, message, severity="warning", at_key=True)
    damaged = document.damaged | overlay.damaged
    return Overlaid(document.source, data, damaged, overlay=overlay, replaced=merge.replaced, removed=merge.removed)


class _Merge(msgspec.Struct):
    """One merge, and what it did: see `Overlaid`. `nothing` are nulls that removed nothing."""

    replaced: set[KeyPath] = msgspec.field(default_factory=set)
    removed: dict[KeyPath, KeyPath] = msgspec.field(default_factory=dict)
    nothing: list[KeyPath] = msgspec.field(default_factory=list)

    def over(self, base: Mapping[str, Any], part: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
        """The mapping at `path` with `part` over it. Nothing is changed in place: an anchor may share it."""
        merged = dict(base)
        for key, value in part.items():
            here = (*path, key)
            if value is None:
                if merged.pop(key, None) is None:
                    self.nothing.append(here)
                self.removed[path] = here
            elif isinstance(value, dict) and isinstance(merged.get(key), dict):
                merged[key] = self.over(merged[key], value, here)
            else:
                self.replaced.add(here)
                merged[key] = _without_nulls(value)
        return merged


def _without_nulls(value: Any) -> Any:
    """A mapping that is new: its nulls have nothing to remove."""
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
