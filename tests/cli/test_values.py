"""Values as people type them."""

from __future__ import annotations

import pytest

from rota.cli.values import read_pairs
from rota.model.errors import UsageError


def test_values_are_yaml() -> None:
    pairs = [
        "n=1",
        "f=1.5",
        "yes=true",
        "no=no",
        "list=[USD, GBP]",
        "text=a=b",
        "empty=",
        "none=null",
        "day=2026-01-02",
    ]
    assert read_pairs(pairs) == {
        "n": 1,
        "f": 1.5,
        "yes": True,
        "no": "no",
        "list": ["USD", "GBP"],
        "text": "a=b",
        "empty": "",
        "none": None,
        "day": "2026-01-02",
    }


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["who"], "'who' is not of the form name=value"),
        (["=1"], "'=1' is not of the form name=value"),
        (["a=1", "a=2"], "a is given twice"),
        (["a=[1"], "'[1' cannot be read: column "),
    ],
)
def test_what_is_no_pair(pairs: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_pairs(pairs)
    assert words in str(caught.value)
