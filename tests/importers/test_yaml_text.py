"""Data as YAML text reads back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rota.configuration.parse import parse
from rota.configuration.source import Source
from rota.importers.yaml_text import block, comment

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
TRICKY = ["null", "yes", "1e3", "0x1", "~", "06:00", "a: b", "a #b", "- a"]
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT | st.sampled_from(TRICKY)
KEYS = st.sampled_from(["one", "5", "null", "<<", "a: b"]) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def read_back(text: str) -> Any:
    parsed = parse(Source(Path("x.yaml"), text))
    assert parsed.problems == []
    return parsed.data


@example({"k" * 120: [], "m" * 120: {}})
@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_it_reads_back_the_same(data: dict[str, Any]) -> None:
    assert read_back("\n".join(block(data))) == data


def test_what_is_long_is_broken_into_lines() -> None:
    data = {"command": ["x" * 60, "y" * 60], "schedule": {"a": "x" * 60, "b": "y" * 60}, "short": [1, True, None]}
    lines = list(block(data))
    assert lines == [
        "command:",
        f"  - {'x' * 60}",
        f"  - {'y' * 60}",
        "schedule:",
        f"  a: {'x' * 60}",
        f"  b: {'y' * 60}",
        "short: [1, true, null]",
    ]
    assert read_back("\n".join(lines)) == data


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\nb: c", ["  # a", "  # b: c"]), ("tab\there\x1b[0m\u2028", ["  # tab here\\x1b[0m\\x2028"]), ("", ["  #"])],
)
def test_a_comment_cannot_end_early(text: str, expected: list[str]) -> None:
    assert list(comment(text, 2)) == expected
