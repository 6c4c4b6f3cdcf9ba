"""Ways to spoil a document: bytes, lines, tokens and structure. Each takes a random source and bytes, and gives bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

Mutation = Callable[[random.Random, bytes], bytes]

TOKENS: Final = tuple(
    token.encode()
    for token in (
        *("{", "}", "[", "]", ":", ": ", "-", "- ", ",", "#", "&a ", "*a", "<<: ", "!!int ", "!x ", "|", ">", "?", "%"),
        *("'", '"', "\\", "\t", "\n", "\r", "---\n", "...\n", "null", "~", "true", "no", ".inf", "1e999", "0x", "-1"),
        *(
            "${",
            "${HOME}",
            "${X:-",
            "$${",
            "}",
            "9" * 40,
            "x" * 300,
            "\u2028",
            "\ufeff",
            "\x00",
            "\x7f",
            "\x85",
            "é",
            "😀",
        ),
        *("rota: 1", "jobs:", "configuration:", "schedule", "cron", "method", "begin_time: ", "1d", "25:00", "60"),
    )
) + (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xff\xfe")


def _place(draw: random.Random, text: bytes) -> int:
    return draw.randrange(len(text) + 1)


def flip(draw: random.Random, text: bytes) -> bytes:
    """One byte becomes another."""
    at = _place(draw, text)
    return text[:at] + bytes([draw.randrange(256)]) + text[at + 1 :]


def insert(draw: random.Random, text: bytes) -> bytes:
    """A token that means something to somebody, anywhere."""
    at = _place(draw, text)
    return text[:at] + draw.choice(TOKENS) + text[at:]


def cut(draw: random.Random, text: bytes) -> bytes:
    """A piece is gone; at the end of the file, it is half written."""
    begin = _place(draw, text)
    end = draw.choice([begin + draw.randrange(1, 20), len(text)])
    return text[:begin] + text[end:]


def repeat(draw: random.Random, text: bytes) -> bytes:
    """A piece stands twice, perhaps elsewhere."""
    begin, at = _place(draw, text), _place(draw, text)
    return text[:at] + text[begin : begin + draw.randrange(1, 80)] + text[at:]


def swap_lines(draw: random.Random, text: bytes) -> bytes:
    """Two lines change places."""
    lines = text.split(b"\n")
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def indent(draw: random.Random, text: bytes) -> bytes:
    """A line moves to the right or to the left."""
    lines = text.split(b"\n")
    at = draw.randrange(len(lines))
    lines[at] = draw.choice([b" " + lines[at], b"  " + lines[at], lines[at].lstrip(), lines[at][1:]])
    return b"\n".join(lines)


def replace_value(draw: random.Random, text: bytes) -> bytes:
    """What stands behind a colon becomes something else."""
    values = list(re.finditer(rb": *([^\n{}\[\],]+)", text))
    if not values:
        return text
    match = draw.choice(values)
    return text[: match.start(1)] + draw.choice(TOKENS) + text[match.end(1) :]


def nest(draw: random.Random, text: bytes) -> bytes:
    """Deep nesting begins somewhere."""
    at = _place(draw, text)
    return text[:at] + draw.choice([b"[", b"{a: ", b"- "]) * draw.randrange(1, 200) + text[at:]


MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(flip, insert, insert, cut, repeat, swap_lines, indent, replace_value, replace_value),
    nest,
)


def mutated(draw: random.Random, text: bytes) -> bytes:
    """The text after one to four mutations."""
    for _ in range(draw.randint(1, 4)):
        text = draw.choice(MUTATIONS)(draw, text)
    return text
