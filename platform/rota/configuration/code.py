"""The third depth of validation: methods and their parameters against the code, imported in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rota.configuration.codes import Code
from rota.configuration.declared import DEFAULT_EXECUTOR, EXECUTORS, IMPORT_PATH, MODULES, Declared, DeclaredJob, Part
from rota.configuration.document import Findings
from rota.configuration.inquiry import ask
from rota.configuration.memory import Memory
from rota.configuration.resolve import default_executor, executor_kinds
from rota.configuration.source import shown
from rota.model.counting import counted
from rota.model.method import MethodName

CODE = (IMPORT_PATH, MODULES)
"""What methods rest on."""

TIME_LIMIT = 60.0
"""Seconds that one import may take."""


class _Question(msgspec.Struct, frozen=True):
    """Can the job's method be called with its parameters? Those of a template may be given later.

    `key` is the same for the same question, whoever asks it.
    """

    job: DeclaredJob
    method: MethodName
    key: bytes

    def to_data(self) -> dict[str, Any]:
        return _question_data(self.job, self.method)


class Answers:
    """What the code said before, as long as it and the folders that it is looked for in stay what they are.

    `state` is another one whenever that may have changed.
    """

    def __init__(self) -> None:
        self._path: Sequence[str] = ()
        self._good: dict[bytes, dict[str, Any]] = {}
        self.state = object()

    def forget(self) -> None:
        """The code has changed."""
        self._good.clear()
        self.state = object()

    def look_in(self, path: Sequence[str]) -> None:
        """The folders of the import path from now on."""
        if path != self._path:
            self._path = path
            self.forget()

    def to(self, questions: Sequence[_Question], time_limit: float) -> dict[bytes, dict[str, Any]]:
        """The answer to every question, by its key. What went well is not asked again; the rest may get well."""
        unknown = {question.key: question for question in questions if question.key not in self._good}
        asked = {question.key: answer for question, answer in _ask(list(unknown.values()), self._path, time_limit)}
        self._good |= {key: answer for key, answer in asked.items() if answer.get("misfits") == []}
        return {question.key: asked.get(question.key) or self._good[question.key] for question in questions}


def check_code(
    declared: Declared, findings: Findings, memory: Memory, answers: Answers, *, time_limit: float = TIME_LIMIT
) -> None:
    """Add every method that cannot be called, and all parameters that do not fit theirs."""
    folders = list(_import_path(declared, findings))
    answers.look_in([os.path.realpath(folder) for folder in folders])
    kinds, default = executor_kinds(declared.section("executors")), declared.section("defaults").get("executor")
    given = (answers.state, declared.modules, kinds, default)
    # Of a document in which everything was well, nothing is asked until something around it changes.
    doubtful = [part for part in declared.parts if not memory.knows(part.document, "code is well", given=given)]
    asked = {part.document: _questions(part, declared, memory) for part in doubtful}
    known = answers.to([question for questions in asked.values() for question in questions], time_limit)
    missing: dict[tuple[Code, str], list[_Question]] = {}
    for document, questions in asked.items():
        found = Findings(within=findings)
        for question in questions:
            answer = known[question.key]
            if "misfits" in answer:
                _add_misfits(question.job, answer["misfits"], found)
                if not answer["asynchronous"]:
                    _require_other_executor(question, declared, kinds, found)
            else:
                code = Code.CHECK_FAILED if "failure" in answer else Code.METHOD_UNKNOWN
                missing.setdefault((code, answer.get("failure") or answer["reason"]), []).append(question)
        findings.include(found)
        if not found.problems and all("misfits" in known[question.key] for question in questions):
            memory.recall(document, "code is well", _yes, given=given)
    for (code, reason), concerned in missing.items():
        _add_missing(code, reason, concerned, folders, findings)


def _yes() -> bool:
    return True


def _questions(part: Part, declared: Declared, memory: Memory) -> list[_Question]:
    """What is to be asked about the jobs of one document."""
    given = (part.left_out, declared.modules)
    return memory.recall(part.document, "questions", partial(_find_questions, part, declared), given=given)


def _find_questions(part: Part, declared: Declared) -> list[_Question]:
    found = (_question(job, declared) for job in part.jobs.values())
    return [question for question in found if question is not None]


def _question_data(job: DeclaredJob, method: MethodName) -> dict[str, Any]:
    return {
        "method": str(method),
        "parameters": job.body.get("parameters"),
        "template": job.body.get("predefined") is False,
    }


def _require_other_executor(
    question: _Question, declared: Declared, kinds: Mapping[str, str], findings: Findings
) -> None:
    """A plain function would block the event loop that all methods of an async executor share."""
    job = question.job
    executor = job.text("executor") or default_executor(job.body, declared.section("defaults"), kinds)
    if kinds.get(executor) == "async":
        place = "executor" if "executor" in job.body else "method"
        message = f"the executor {executor} is of kind async, and {question.method} is no `async def`"
        hint = "name an executor of kind process or thread"
        rests_on = ((*EXECUTORS, executor), DEFAULT_EXECUTOR)
        findings.add(job.document, (*job.path, place), Code.EXECUTOR_KIND, message, hint=hint, rests_on=rests_on)


def _question(job: DeclaredJob, declared: Declared) -> _Question | None:
    """None for a job without a method that may be imported; the other depths have said why."""
    try:
        method = MethodName.parse(job.text("method") or "")
    except ValueError:
        return None
    if not method.is_public or not method.is_allowed(declared.modules):
        return None
    import msgspec

    return _Question(job, method, msgspec.json.encode(_question_data(job, method)))


def _import_path(declared: Declared, findings: Findings) -> Iterator[Path]:
    folders = declared.header.get("path", ["."])
    for index, name in enumerate(folders if isinstance(folders, list) else []):
        if not isinstance(name, str):
            continue
        folder = declared.base / name
        yield folder
        if not folder.is_dir() and declared.header_document is not None:
            message = f"there is no folder {shown(folder)}"
            findings.add(declared.header_document, (*IMPORT_PATH, index), Code.PATH_MISSING, message)


def _ask(
    questions: Sequence[_Question], path: Sequence[str], time_limit: float
) -> Iterator[tuple[_Question, dict[str, Any]]]:
    """Every question with its answer, from one process if all goes well.

    Where an import ends the process or takes too long, another one goes on with the jobs of the other modules.
    """
    while questions:
        reply = ask([question.to_data() for question in questions], path, time_limit=time_limit)
        yield from zip(questions, reply.answers, strict=False)
        unanswered = questions[len(reply.answers) :]
        if not unanswered:
            return
        module = unanswered[0].method.module
        for question in unanswered:
            if question.method.module == module:
                yield question, {"failure": f"importing {module} {reply.failure}"}
        questions = [question for question in unanswered if question.method.module != module]


def _add_missing(
    code: Code, reason: str, concerned: Sequence[_Question], folders: Sequence[Path], findings: Findings
) -> None:
    """One problem for all jobs with the same trouble: a module that fails may have hundreds of them."""
    job, others = concerned[0].job, len(concerned) - 1
    hints = []
    if reason.startswith("no module named"):
        hints.append(f"looked into {', '.join(map(shown, folders))} first")
    if others:
        hints.append(f"{counted(others, 'more job')} with the same problem")
    hint = "; ".join(hints) or None
    findings.add(job.document, (*job.path, "method"), code, reason, hint=hint, rests_on=CODE)


def _add_misfits(job: DeclaredJob, misfits: Sequence[Any], findings: Findings) -> None:
    for path, message, *_ in misfits:
        place = (*job.path, "parameters") if "parameters" in job.body else (*job.path, "method")
        is_unknown = message.startswith("unknown")
        findings.add(job.document, (*place, *path), Code.PARAMETERS, message, at_key=is_unknown, rests_on=CODE)
