"""Loading: from the paths that a user names to checked configurations and every problem of all files.

`validate`, `plan` and `apply` all begin here. Bad input never raises: it becomes problems.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from rota.configuration.build import assemble, define, sealed
from rota.configuration.code import TIME_LIMIT, Answers, check_code
from rota.configuration.codes import Code
from rota.configuration.declared import Declared, Part, collect
from rota.configuration.discover import Group, discover, with_each_overlay
from rota.configuration.document import Document, Findings
from rota.configuration.files import Files
from rota.configuration.inputs import Inputs
from rota.configuration.memory import Memory
from rota.configuration.overlay import HEADER, lay_over
from rota.configuration.schema import OVERLAY_SCHEMA, Shape
from rota.configuration.semantics import Schedules, check_semantics
from rota.configuration.source import Source, shown
from rota.configuration.variables import Variables
from rota.configuration.wording import closest
from rota.model.definition import Configuration, Definition
from rota.model.problem import Problem
from rota.model.values import canonical


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one configuration.

    `configuration` is None if a problem is an error, and for an environment that nobody asked for. `depths` names what
    was checked: schema, semantics, code.
    `root` is the folder that relative ones are relative to; `import_path` are those in which the code is looked for, as
    far as they are known.
    """

    source: str
    name: str | None
    configuration: Configuration | None
    problems: tuple[Problem, ...]
    files: int
    jobs: int
    depths: tuple[str, ...]
    root: str = ""
    import_path: tuple[str, ...] = ()
    environment: str | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "warning")


def all_problems(loaded: Sequence[Loaded]) -> list[Problem]:
    """The problems of all of them; what a configuration has in every environment is told once."""
    told: dict[tuple[str, ...], Problem] = {}
    for problem in (problem for each in loaded for problem in each.problems):
        told.setdefault((problem.code, problem.place, problem.path, problem.message), problem)
    return list(told.values())


def load_data(data: dict[str, Any], *, name: str, root: Path = Path(), code: bool = False) -> Loaded:
    """Check data that stands in no file, by the same rules; `name` stands for a file in the folder `root`.

    Methods are imported only if `code` asks for it.
    """
    text = canonical(data).decode()
    path = root / name
    group = Group(path, [path], [Document(Source(path, text), data)])
    return Loader(code=code).load_group(group)


def load(
    paths: Sequence[Path],
    *,
    environment: str | None = None,
    variables: Variables | None = None,
    code: bool = True,
    time_limit: float = TIME_LIMIT,
    today: date | None = None,
) -> list[Loaded]:
    """Load every configuration that `paths` name: files, folders, folders of configurations. See `Loader`."""
    loader = Loader(environment=environment, code=code, time_limit=time_limit)
    return loader.load(paths, variables=variables, today=today)


class _Checked(msgspec.Struct, frozen=True):
    group: Group
    declared: Declared
    findings: Findings
    depths: tuple[str, ...]


class Loader:
    """Loads configurations, each with the overlay of `environment` over it. `code` asks for the third depth.

    That imports the methods; `time_limit` is what one import may take, in seconds. Loading again gives what another
    loader would give, at the cost of what changed: most of what there is to find is found document by document, and
    kept. Whoever learns of a change of the code says so by `forget_code`.
    """

    def __init__(self, *, environment: str | None = None, code: bool = True, time_limit: float = TIME_LIMIT) -> None:
        self._environment = environment
        self._time_limit = time_limit if code else None
        self._shape = Shape()
        self._schedules = Schedules()
        self._today: date | None = None
        self._files = Files()
        self._variables = Variables({})
        self._memory = Memory()
        self._answers = Answers()

    def forget_code(self) -> None:
        """Modules may have changed: the next load imports the methods anew."""
        self._answers.forget()

    def load(
        self,
        paths: Sequence[Path],
        *,
        variables: Variables | None = None,
        today: date | None = None,
        each_environment: bool = False,
    ) -> list[Loaded]:
        """Load every configuration that `paths` name, with `variables` filled in.

        With `today`, schedules warn of clock changes in the year after that date. `each_environment` checks every
        configuration once more with each overlay that it has.
        """
        if today != self._today:
            self._today, self._schedules = today, Schedules(today)
        self._memory.begin()
        self._variables = variables or Variables({})
        read = self._files.reader(variables)
        groups = discover(paths, environment=self._environment, read=read)
        if each_environment:
            groups = with_each_overlay(groups, read)
        checked = [self._check(group) for group in groups]
        _check_names(checked)
        if variables is not None and checked:
            checked[0].findings.extend(_unused(variables))
        return [self._finish(each) for each in checked]

    def inputs(self) -> Inputs:
        """What the last load read."""
        return Inputs.of(self._environment, self._files.contents, self._variables)

    def load_group(self, group: Group) -> Loaded:
        """Load one configuration whose documents are there already."""
        return self._finish(self._check(group))

    def _check(self, group: Group) -> _Checked:
        findings, memory = Findings(), self._memory
        findings.extend(group.problems)
        for document in group.documents:
            findings.include(memory.recall(document, "shape", partial(self._check_shape, document)))
        documents = self._with_overlay(group, findings)
        complete = len(group.documents) == len(group.files) - (group.overlay is not None) > 0
        declared = collect(group.root, documents, findings, memory, complete=complete)
        if not documents:
            return _Checked(group, declared, findings, ())
        check_semantics(declared, self._schedules, findings, memory)
        depths: tuple[str, ...] = ("schema", "semantics")
        before = len(findings.problems)
        if self._time_limit is not None and _has_its_code_here(group):
            check_code(declared, findings, memory, self._answers, time_limit=self._time_limit)
            depths = (*depths, "code")
        if group.overlay is not None and findings.problems:
            code = len(findings.problems) > before
            findings.blame(group.overlay, self._without_overlay(group, complete=complete, code=code))
        return _Checked(group, declared, findings, depths)

    def _check_shape(self, document: Document) -> Findings:
        findings = Findings()
        self._shape.check(document, findings)
        return findings

    def _with_overlay(self, group: Group, findings: Findings) -> list[Document]:
        """The group's documents with its overlay over them, and what is wrong with their shape only then."""
        if group.overlay is None:
            return group.documents
        Shape(OVERLAY_SCHEMA).check(group.overlay, findings)
        documents = lay_over(group.documents, group.overlay, findings)
        for document in documents:
            if document not in group.documents:
                self._shape.check(document, findings)
        return documents

    def _without_overlay(self, group: Group, *, complete: bool, code: bool) -> Findings:
        """What is wrong with the group's documents by themselves, with their `code` too where it is asked for."""
        findings, memory = Findings(), Memory()
        for document in group.documents:
            findings.include(self._memory.recall(document, "shape", partial(self._check_shape, document)))
        declared = collect(group.root, group.documents, findings, memory, complete=complete)
        check_semantics(declared, self._schedules, findings, memory)
        if code and self._time_limit is not None:
            # With answers of its own: without the overlay, code may be looked for in other folders.
            check_code(declared, findings, memory, Answers(), time_limit=self._time_limit)
        return findings

    def _finish(self, checked: _Checked) -> Loaded:
        declared, findings, root = checked.declared, checked.findings, shown(checked.group.root)
        configuration = None
        if checked.group.asked and not findings.has_errors:
            definitions = chain.from_iterable(self._define(part, declared) for part in declared.parts)
            configuration = sealed(assemble(declared.header, definitions, base=declared.base, source=root))
        return Loaded(
            source=root,
            name=declared.name,
            configuration=configuration,
            problems=tuple(_sorted(findings.problems, checked.group)),
            files=len(checked.group.files),
            jobs=len(declared.jobs),
            depths=checked.depths,
            root=os.path.realpath(declared.base),
            import_path=tuple(os.path.realpath(folder) for folder in declared.import_path),
            environment=checked.group.environment,
        )

    def _define(self, part: Part, declared: Declared) -> list[Definition]:
        """The definitions of one document's jobs."""
        header = declared.header
        bodies = {name: job.body for name, job in part.jobs.items()}
        find = partial(define, header, bodies, parse_schedule=self._schedules.parse)
        given = (part.left_out, header)
        return self._memory.recall(part.document, "definitions", find, given=given)


def _has_its_code_here(group: Group) -> bool:
    """Another environment may have its code in another folder."""
    header = group.overlay.data.get(HEADER) if group.overlay is not None else None
    return group.asked or not (isinstance(header, dict) and "path" in header)


def _unused(variables: Variables) -> Iterator[Problem]:
    for name in variables.unused:
        message, hint = f"--set {name}: no file uses ${{{name}}}", closest(name, sorted(variables.used))
        yield Problem(message=message, code=Code.VARIABLE_UNUSED, hint=hint, severity="warning")


def _check_names(checked: Sequence[_Checked]) -> None:
    """One database cannot hold two configurations of one name."""
    first: dict[tuple[str, str | None], _Checked] = {}
    for each in checked:
        document, name = each.declared.header_document, each.declared.name
        if name is None or document is None:
            continue
        other = first.setdefault((name, None if each.group.asked else each.group.environment), each)
        if other is not each:
            path = ("configuration", "name")
            message = f"the configuration in {shown(other.group.root)} has the name {name} too"
            each.findings.add(document, path, Code.DUPLICATE_CONFIGURATION, message)


def _sorted(problems: Sequence[Problem], group: Group) -> list[Problem]:
    """In the order in which a reader goes through the files."""
    order: Mapping[str | None, int] = {shown(path): index for index, path in enumerate(group.files)}
    return sorted(
        problems, key=lambda each: (order.get(each.file, -1), each.line or 0, each.column or 0, each.severity)
    )
