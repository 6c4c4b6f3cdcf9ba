"""YAML text to data, with the places of its values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rota.configuration.parse import MAX_DEPTH, MAX_PROBLEMS, MAX_TEXT, Parsed, find_places, parse
from rota.configuration.source import Source

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    # JSON writes characters beyond these as two escapes, which YAML does not put together again.
    | st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("abc-_ .", max_size=8), inner, max_size=5),
    max_leaves=20,
)


def source(text: str) -> Source:
    return Source(Path("jobs.yaml"), text)


def read(text: str) -> Parsed:
    return parse(source(text))


def read_well(text: str) -> Any:
    parsed = read(text)
    assert parsed.problems == []
    return parsed.data


@given(JSON)
def test_json_is_yaml(value: Any) -> None:
    text = json.dumps(value)
    assert read_well(text) == json.loads(text)


@given(JSON)
def test_what_is_written_in_block_style_comes_back(value: Any) -> None:
    # Text is written in quotes, because YAML 1.1 and 1.2 differ in what needs them.
    text = yaml.dump(value, default_style='"', Dumper=yaml.SafeDumper)
    assert read_well(text) == value


@given(st.text())
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    parsed = read(text)
    for problem in parsed.problems:
        assert problem.line is not None
        assert problem.line >= 1
    assert parsed.problems or parsed.data is None or isinstance(parsed.data, str | int | float | bool | list | dict)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing\n", None),
        ("---\n...\n", None),
        ("a: 'yes'\nb: yes\nc: true", {"a": "yes", "b": "yes", "c": True}),
        ("a: 12:30\nb: 2026-01-01", {"a": "12:30", "b": "2026-01-01"}),
        ("a: |\n  one\n  two\nb: >\n  one\n  two", {"a": "one\ntwo\n", "b": "one two"}),
        ("a: &x {b: [1]}\nc: *x\nd: [*x]", {"a": {"b": [1]}, "c": {"b": [1]}, "d": [{"b": [1]}]}),
        ("a: &x 5\nb: *x", {"a": 5, "b": 5}),
        ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
        ("'<<': 1", {"<<": 1}),
        ("? a\n: 1\n? b\n", {"a": 1, "b": None}),
        (
            'a: ! 12\nb: !!str 12\nc: !!map {}\nd: !!seq []\ne: "12"',
            {"a": "12", "b": "12", "c": {}, "d": [], "e": "12"},
        ),
        ("%YAML 1.1\n---\na: no\n", {"a": "no"}),
    ],
)
@pytest.mark.parametrize("libyaml", [True, False])
def test_documents(text: str, data: Any, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", libyaml)
    assert read_well(text) == data


@pytest.mark.parametrize("libyaml", [True, False])
def test_every_value_has_its_place(libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", libyaml)
    text = 'rota: 1\njobs:\n  ä:\n    "key": [ä, {b: 2}]\n    list:\n    - x\n    - y: z\n  b: &b {c: d}\n  e: *b\n'
    places = find_places(source(text))
    found = {path: (text[key:][:3], text[value:][:3]) for path, (key, value) in places.items()}
    assert found == {
        (): ("rot", "rot"),
        ("rota",): ("rot", "1\nj"),
        ("jobs",): ("job", "ä:\n"),
        ("jobs", "ä"): ("ä:\n", '"ke'),
        ("jobs", "ä", "key"): ('"ke', "[ä,"),
        ("jobs", "ä", "key", 0): ("ä, ", "ä, "),
        ("jobs", "ä", "key", 1): ("{b:", "{b:"),
        ("jobs", "ä", "key", 1, "b"): ("b: ", "2}]"),
        ("jobs", "ä", "list"): ("lis", "- x"),
        ("jobs", "ä", "list", 0): ("x\n ", "x\n "),
        ("jobs", "ä", "list", 1): ("y: ", "y: "),
        ("jobs", "ä", "list", 1, "y"): ("y: ", "z\n "),
        ("jobs", "b"): ("b: ", "&b "),
        ("jobs", "b", "c"): ("c: ", "d}\n"),
        ("jobs", "e"): ("e: ", "*b\n"),
    }


def test_problems_do_not_end_the_reading() -> None:
    parsed = read("a: 1\na: 2\n3: x\nb: .nan\n<<: {}\nc: [1, .inf, !x y]\n")
    assert [(problem.line, problem.column, problem.path) for problem in parsed.problems] == [
        (2, 1, "a"),
        (3, 1, ""),
        (4, 4, "b"),
        (5, 1, ""),
        (6, 8, "c[1]"),
        (6, 14, "c[2]"),
    ]
    assert parsed.data == {"a": 1, "b": 0, "c": [1, 0, "y"]}
    assert parsed.damaged == {("a",), ("b",), (), ("c", 1), ("c", 2)}


def test_a_syntax_error_ends_the_reading_without_data() -> None:
    parsed = read("a: 1\na: 2\nb: [\n")
    assert parsed.data is None
    assert [problem.code for problem in parsed.problems] == ["yaml.duplicate-key", "yaml.syntax"]


def test_a_duplicate_key_names_the_first_one() -> None:
    (problem,) = read("x:\n  - a: {b: 1,\n        b: 2}\n").problems
    assert str(problem) == "jobs.yaml:3:9: x[0].a.b: the key 'b' is in line 2 already"


@pytest.mark.parametrize(("brackets", "fits"), [(MAX_DEPTH - 1, True), (MAX_DEPTH, False), (50_000, False)])
def test_depth_is_bounded(brackets: int, fits: bool) -> None:
    parsed = read("a: " + "[" * brackets + "]" * brackets)
    assert (parsed.problems == []) is fits
    assert fits or parsed.problems[0].code == "yaml.depth"


def test_the_length_of_a_value_is_bounded() -> None:
    assert read_well(f"a: {'x' * MAX_TEXT}\n")["a"] == "x" * MAX_TEXT
    (problem,) = read(f"a: b\nc: {'x' * 10 * MAX_TEXT}\n").problems
    assert (problem.line, problem.column, problem.code) == (2, 4, "yaml.value")
    assert problem.message == "a value of 10,000,000 characters; the most is 1,000,000"
    assert len(problem.source or "") <= 200


def test_aliases_may_stand_for_much_but_not_for_everything() -> None:
    assert len(read_well("a: &a [1, 2, 3]\nb: [" + "*a, " * 20_000 + "]")["b"]) == 20_000
    (problem,) = read("a: &a [1, 2, 3]\nb: [" + "*a, " * 30_000 + "]").problems
    assert problem.code == "yaml.alias"
    assert problem.line == 2


def test_without_libyaml_the_same_problems_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a: 1\na: 2", "a: [1", "a: *b", "a: 'x", "a:\n\tb: 1", "a: @b", "a: \x01", "--- a\n--- b", "a: b: c"]
    codes = [[problem.code for problem in read(text).problems] for text in texts]
    lines = [[problem.line for problem in read(text).problems] for text in texts]
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert [[problem.code for problem in read(text).problems] for text in texts] == codes
    assert [[problem.line for problem in read(text).problems] for text in texts] == lines


def test_a_file_full_of_problems_ends_with_one_that_says_so() -> None:
    parsed = parse(Source(Path("a.yaml"), "a: 1\n" * (MAX_PROBLEMS + 100)))
    assert len(parsed.problems) == MAX_PROBLEMS + 1
    assert parsed.problems[-1].code == "file.too-many-problems"
    assert parsed.data is None
