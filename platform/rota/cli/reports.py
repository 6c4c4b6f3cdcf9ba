"""Problems for the programs that show them to people: code scanning (SARIF 2.1.0) and GitHub's annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rota import __version__
from rota.model.problem import Problem

_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_BEYOND_A_LINE: Final = re.compile("[%\r\n]")
_BEYOND_A_PROPERTY: Final = re.compile("[%\r\n:,]")


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """A SARIF log with one run; only the rules that were broken are listed, with their explanations."""
    from rota.configuration.explanations import explanations

    known = explanations()
    codes = sorted({problem.code for problem in problems})
    rules = [{"id": code, "fullDescription": {"text": known.get(code, code)}} for code in codes]
    driver = {"name": "rota", "version": __version__, "rules": rules}
    results = [_result(problem, codes.index(problem.code)) for problem in problems]
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": _message(problem)},
    }
    if problem.file is None:
        return result
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line is not None:
        place["region"] = {"startLine": problem.line, "startColumn": problem.column or 1}
    location: dict[str, Any] = {"physicalLocation": place}
    if problem.path:
        location["logicalLocations"] = [{"fullyQualifiedName": problem.path}]
    return {**result, "locations": [location]}


def _uri(file: str) -> str:
    """Relative where the user named the file so: code scanning looks it up in the repository."""
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file)


def github(problems: Iterable[Problem]) -> Iterable[str]:
    """One workflow command of GitHub Actions for each problem."""
    for problem in problems:
        facts = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.code}
        properties = ",".join(
            f"{name}={_escaped(str(value), _BEYOND_A_PROPERTY)}" for name, value in facts.items() if value is not None
        )
        yield f"::{problem.severity} {properties}::{_escaped(_message(problem), _BEYOND_A_LINE)}"


def _message(problem: Problem) -> str:
    text = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return f"{text} ({problem.hint})" if problem.hint else text


def _escaped(text: str, what: re.Pattern[str]) -> str:
    return what.sub(lambda match: f"%{ord(match[0]):02X}", text)
