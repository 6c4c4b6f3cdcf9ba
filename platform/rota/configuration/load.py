"""Loading: from the paths that a user names to checked configurations and every problem of all files.

`validate`, `plan` and `apply` all begin here. Bad input never raises: it becomes problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rota.configuration.build import build, canonical
from rota.configuration.code import TIME_LIMIT, check_code
from rota.configuration.codes import Code
from rota.configuration.declared import Declared, collect
from rota.configuration.discover import Group, discover
from rota.configuration.document import Document, Findings
from rota.configuration.overlay import lay_over
from rota.configuration.schema import OVERLAY_SCHEMA, Shape
from rota.configuration.semantics import Schedules, check_semantics
from rota.configuration.source import Source, shown
from rota.configuration.variables import Variables
from rota.configuration.wording import closest
from rota.model.definition import Configuration
from rota.model.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of one configuration.

    `configuration` is None if a problem is an error. `depths` names what was checked: schema, semantics, code.
    """

    source: str
    name: str | None
    configuration: Configuration | None
    problems: tuple[Problem, ...]
    files: int
    jobs: int
    depths: tuple[str, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "warning")


def load_data(data: dict[str, Any], *, name: str, code: bool = False) -> Loaded:
    """Check data that stands in no file, by the same rules; `name` stands for the file.

    Methods are imported only if `code` asks for it.
    """
    text = canonical(data).decode()
    path = Path(name)
    group = Group(path, [path], [Document(Source(path, text), data)])
    shape, schedules = Shape(), Schedules()
    return _finish(_check(group, shape, schedules, TIME_LIMIT if code else None), schedules)


@dataclass(frozen=True, slots=True)
class _Checked:
    group: Group
    declared: Declared
    findings: Findings
    depths: tuple[str, ...]


def load(
    paths: Sequence[Path],
    *,
    environment: str | None = None,
    variables: Variables | None = None,
    code: bool = True,
    time_limit: float = TIME_LIMIT,
    today: date | None = None,
) -> list[Loaded]:
    """Load every configuration that `paths` name: files, folders, folders of configurations.

    Each has the overlay of `environment` over it, and `variables` filled in. `code` asks for the third depth, which
    imports the methods; `time_limit` is what one import may take, in seconds. With `today`, schedules warn of clock
    changes in the year after that date.
    """
    shape, schedules = Shape(), Schedules(today)
    groups = discover(paths, environment=environment, variables=variables)
    checked = [_check(group, shape, schedules, time_limit if code else None) for group in groups]
    _check_names(checked)
    if variables is not None and checked:
        checked[0].findings.extend(_unused(variables))
    return [_finish(each, schedules) for each in checked]


def _check(group: Group, shape: Shape, schedules: Schedules, time_limit: float | None) -> _Checked:
    findings = Findings()
    findings.extend(group.problems)
    for document in group.documents:
        shape.check(document, findings)
    documents = _with_overlay(group, shape, findings)
    complete = len(group.documents) == len(group.files) - (group.overlay is not None) > 0
    declared = collect(group.root, documents, findings, complete=complete)
    if not documents:
        return _Checked(group, declared, findings, ())
    check_semantics(declared, schedules, findings)
    if group.overlay is not None:
        findings.blame(group.overlay, _without_overlay(group, shape, schedules, complete=complete))
    if time_limit is None:
        return _Checked(group, declared, findings, ("schema", "semantics"))
    check_code(declared, findings, time_limit=time_limit)
    return _Checked(group, declared, findings, ("schema", "semantics", "code"))


def _with_overlay(group: Group, shape: Shape, findings: Findings) -> list[Document]:
    """The group's documents with its overlay over them, and what is wrong with their shape only then."""
    if group.overlay is None:
        return group.documents
    Shape(OVERLAY_SCHEMA).check(group.overlay, findings)
    documents = lay_over(group.documents, group.overlay, findings)
    for document in documents:
        if document not in group.documents:
            shape.check(document, findings)
    return documents


def _without_overlay(group: Group, shape: Shape, schedules: Schedules, *, complete: bool) -> Findings:
    """What is wrong with the group's documents by themselves."""
    findings = Findings()
    for document in group.documents:
        shape.check(document, findings)
    check_semantics(collect(group.root, group.documents, findings, complete=complete), schedules, findings)
    return findings


def _unused(variables: Variables) -> Iterator[Problem]:
    for name in variables.unused:
        message, hint = f"--set {name}: no file uses ${{{name}}}", closest(name, sorted(variables.used))
        yield Problem(message=message, code=Code.VARIABLE_UNUSED, hint=hint, severity="warning")


def _check_names(checked: Sequence[_Checked]) -> None:
    """One database cannot hold two configurations of one name."""
    first: dict[str, _Checked] = {}
    for each in checked:
        document, name = each.declared.header_document, each.declared.name
        if name is None or document is None:
            continue
        other = first.setdefault(name, each)
        if other is not each:
            path = ("configuration", "name")
            message = f"the configuration in {shown(other.group.root)} has the name {name} too"
            each.findings.add(document, path, Code.DUPLICATE_CONFIGURATION, message)


def _finish(checked: _Checked, schedules: Schedules) -> Loaded:
    declared, findings, root = checked.declared, checked.findings, shown(checked.group.root)
    configuration = None
    if not findings.has_errors:
        bodies = {name: job.body for name, job in declared.jobs.items()}
        configuration = build(declared.header, bodies, base=declared.base, source=root, parse_schedule=schedules.parse)
    return Loaded(
        source=root,
        name=declared.name,
        configuration=configuration,
        problems=tuple(_sorted(findings.problems, checked.group)),
        files=len(checked.group.files),
        jobs=len(declared.jobs),
        depths=checked.depths,
    )


def _sorted(problems: Sequence[Problem], group: Group) -> list[Problem]:
    """In the order in which a reader goes through the files."""
    order: Mapping[str | None, int] = {shown(path): index for index, path in enumerate(group.files)}
    return sorted(
        problems, key=lambda each: (order.get(each.file, -1), each.line or 0, each.column or 0, each.severity)
    )
