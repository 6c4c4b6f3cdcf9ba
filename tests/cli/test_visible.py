"""Texts of other people's files on a terminal."""

from __future__ import annotations

import pytest

from rota.cli.visible import blank, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 日 😀", "plain ü 日 😀"),
        ("a\tb", "a\tb"),
        ("a\nb\r\x1b[2J\x00", "a\\x0ab\\x0d\\x1b[2J\\x00"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("\u202e\u2066\u2028\ufeff", "\\u202e\\u2066\\u2028\\ufeff"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_a_terminal_would_act_on_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_blanks_are_as_wide_as_the_text() -> None:
    assert blank("ab\t日e\u0301") == "  \t   "


def test_a_long_text_is_cut() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"
