"""A configuration as its files declare it: one header, and all jobs with the document that each comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from rota.configuration.codes import Code
from rota.configuration.discover import ENVIRONMENTS
from rota.configuration.document import Document, Findings
from rota.configuration.memory import Memory
from rota.configuration.parse import KeyPath
from rota.configuration.source import shown
from rota.configuration.wording import closest
from rota.model.problem import Problem

HEADER: Final[KeyPath] = ("configuration",)
TIMEZONE: Final = (*HEADER, "timezone")
MODULES: Final = (*HEADER, "modules")
IMPORT_PATH: Final = (*HEADER, "path")
EXECUTORS: Final = (*HEADER, "executors")
DEFAULT_EXECUTOR: Final = (*HEADER, "defaults", "executor")
"""What jobs in any file rest on."""


class DeclaredJob(msgspec.Struct, frozen=True):
    """One job and where it stands. `body` is what the file says, and may have any shape until it is checked."""

    name: str
    body: Mapping[str, Any]
    document: Document

    @property
    def path(self) -> KeyPath:
        return ("jobs", self.name)

    def text(self, key: str) -> str | None:
        """The value of `key` if it is text."""
        value = self.body.get(key)
        return value if isinstance(value, str) else None


class Part(msgspec.Struct, frozen=True):
    """The jobs of one document, without those that another one declares already: their names are `left_out`."""

    document: Document
    jobs: Mapping[str, DeclaredJob]
    left_out: AbstractSet[str]


class Declared(msgspec.Struct, frozen=True):
    """What all files of one configuration say together; `parts` have the same jobs as `jobs`, in the same order."""

    root: Path
    header: Mapping[str, Any] = msgspec.field(default_factory=dict)
    header_document: Document | None = None
    jobs: Mapping[str, DeclaredJob] = msgspec.field(default_factory=dict)
    parts: Sequence[Part] = ()

    @property
    def name(self) -> str | None:
        name = self.header.get("name")
        return name if isinstance(name, str) else None

    @property
    def modules(self) -> list[str]:
        """The modules whose functions may be called."""
        modules = self.header.get("modules")
        return [module for module in modules if isinstance(module, str)] if isinstance(modules, list) else []

    def section(self, key: str) -> Mapping[str, Any]:
        """A mapping of the header, empty if it is not there or none."""
        value = self.header.get(key)
        return value if isinstance(value, dict) else {}

    @property
    def import_path(self) -> list[Path]:
        """The folders in which the methods' modules are looked for first."""
        folders = self.header.get("path", ["."])
        return [self.base / name for name in folders if isinstance(name, str)] if isinstance(folders, list) else []

    @property
    def base(self) -> Path:
        """The folder that relative paths of the header are relative to."""
        if self.header_document is None:
            return self.root
        return self.header_document.path.parent


def collect(
    root: Path, documents: Sequence[Document], findings: Findings, memory: Memory, *, complete: bool
) -> Declared:
    """Put the documents together. A missing header is a problem if they are `complete`: all files could be read."""
    header: Mapping[str, Any] = {}
    header_document: Document | None = None
    jobs: dict[str, DeclaredJob] = {}
    parts: list[Part] = []
    for document in documents:
        if "configuration" in document.data:
            if header_document is None:
                header_document, value = document, document.data["configuration"]
                header = value if isinstance(value, dict) else {}
            else:
                message = f"the header is in {_place(header_document, HEADER)} already"
                hint = "one file of a configuration has the key configuration; the others have jobs only"
                findings.add(document, HEADER, Code.TWO_HEADERS, message, hint=hint, at_key=True)
        own = memory.recall(document, "jobs", partial(_jobs, document))
        doubles = own.keys() & jobs.keys()
        for name in (name for name in own if name in doubles):
            first = jobs[name]
            message = f"the job {name} is declared in {_place(first.document, first.path)} already"
            findings.add(document, own[name].path, Code.DUPLICATE_JOB, message, at_key=True)
        counting = {name: job for name, job in own.items() if name not in doubles} if doubles else own
        jobs.update(counting)
        parts.append(Part(document, counting, doubles))
    if header_document is None and complete and not any(map(_has_a_slip, documents)):
        findings.extend([_no_header(root)])
    return Declared(root, header, header_document, jobs, parts)


def _jobs(document: Document) -> dict[str, DeclaredJob]:
    jobs = document.data.get("jobs")
    if not isinstance(jobs, dict):
        return {}
    return {name: DeclaredJob(name, body if isinstance(body, dict) else {}, document) for name, body in jobs.items()}


def _has_a_slip(document: Document) -> bool:
    """Whether a key at the top was probably meant to be the header's."""
    return any(closest(key, ["configuration"]) for key in document.data)


def _place(document: Document, path: KeyPath) -> str:
    return str(document.locate(path, at_key=True))


def _no_header(root: Path) -> Problem:
    hint = "add to one file: configuration: {name: ...}"
    if ENVIRONMENTS in root.parts:
        hint = "an overlay is checked with what it lies over: name the configuration's folder, with --environment"
    return Problem(
        message="no file has the header (the key configuration)",
        code=Code.NO_HEADER,
        file=shown(root),
        hint=hint,
    )
