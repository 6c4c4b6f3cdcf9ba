"""Places of values, and the collector of problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.configuration.document import Document, Findings
from rota.configuration.parse import KeyPath, parse
from rota.configuration.source import Source
from rota.configuration.variables import Variables

TEXT = "rota: 1\njobs:\n  a: &a\n    list: [x, y]\n  b: *a\n"


@pytest.fixture
def document() -> Document:
    source = Source(Path("jobs.yaml"), TEXT)
    return Document(source, parse(source).data)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("jobs",), (3, 3), (2, 1)),
        (("jobs", "a"), (3, 6), (3, 3)),
        (("jobs", "a", "list", 1), (4, 15), (4, 15)),
        (("jobs", "a", "missing", 0, "x"), (3, 6), (3, 3)),
        (("jobs", "b", "list", 1), (5, 6), (5, 3)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_places(document: Document, path: KeyPath, value: tuple[int, int], key: tuple[int, int]) -> None:
    assert document.source.position(document.locate(path).index) == value
    assert document.source.position(document.locate(path, at_key=True).index) == key


def test_a_finding_says_where_it_is(document: Document) -> None:
    findings = Findings()
    findings.add(document, ("jobs", "a", "list", 1), "x.y", "is bad", hint="do better", severity="warning")
    (problem,) = findings.problems
    assert str(problem) == "jobs.yaml:4:15: jobs.a.list[1]: is bad"
    assert (problem.source, problem.hint, problem.code) == ("    list: [x, y]", "do better", "x.y")
    assert not findings.has_errors
    findings.add(document, (), "x.y", "is worse")
    assert findings.has_errors


def test_what_a_finding_covers(document: Document) -> None:
    findings = Findings()
    findings.add(document, ("jobs", "a", "list"), "x.y", "is bad")
    covered = {
        path: findings.covers(document, path)
        for path in [("jobs",), ("jobs", "a", "list"), ("jobs", "a", "list", 0), ("jobs", "b"), ("jobs", "a", "key")]
    }
    assert list(covered.values()) == [True, True, True, False, False]


WRITTEN = """\
rota: 1
jobs:
  a: {key: "x: ${A}, ${B:-b}, $${C}", command: [7, '${D}', "it''s ${E}"], user: x, description: "${F}"}
  b:
    key: ${G} # or ${H}
    description: &text "one
      ${I}"
    user: *text
"""


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (("a", "key"), ["A", "B"]),
        (("a", "command", 0), []),
        (("a", "command", 1), ["D"]),
        (("a", "command", 2), ["E"]),
        (("a", "command", 3), []),
        (("a", "command"), []),
        (("a", "user"), []),
        (("a", "description"), ["F"]),
        (("a",), []),
        (("b", "key"), ["G"]),
        (("b", "missing"), []),
        (("b", "user"), []),
    ],
)
def test_a_value_names_the_variables_that_it_was_filled_in_with(path: KeyPath, names: list[str]) -> None:
    source = Source(Path("jobs.yaml"), WRITTEN)
    values = {name: name.lower() for name in "ABCDEFGHI"}
    document = Document(source, parse(source, Variables(values)).data)
    assert document.variables_at(("jobs", *path)) == names
