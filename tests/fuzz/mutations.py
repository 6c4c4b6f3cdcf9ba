"""Ways to spoil a configuration: bytes, lines, tokens and structure of a file, and files among each other.

Each takes a random source and what it spoils.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Final

Mutation = Callable[[random.Random, bytes], bytes]
Files = Mapping[str, bytes]
"""A configuration: what stands in each file, by its path in the folder."""

_WORDS: Final = """
{ } [ ] : - , # &a *a <<: !!int !x | > ? % ' " \\ --- ... null ~ true no .inf 1e999 0x -1 ${ ${HOME} ${X:- $${ é 😀
rota: jobs: configuration: schedule cron method begin_time: 1d 25:00 60 2026-02-30 @daily process thread
"""
_STRANGE: Final = (
    b"\t",
    b"\n",
    b"\r",
    b": ",
    b"\x00",
    b"\x7f",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"\xc2\x85",
)
_LONG: Final = (b"9" * 40, b"x" * 300, b"(" * 200)
TOKENS: Final = (*(word.encode() for word in _WORDS.split()), *_STRANGE, *_LONG)
"""Text that means something to somebody: to YAML, to Rota, to a decoder."""


def _place(draw: random.Random, text: bytes) -> int:
    return draw.randrange(len(text) + 1)


def flip(draw: random.Random, text: bytes) -> bytes:
    """One byte becomes another, now and then one that no text has."""
    at = _place(draw, text)
    return text[:at] + bytes([draw.randrange(draw.choice([128, 128, 256]))]) + text[at + 1 :]


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
    for _ in range(draw.choice([1, 1, 2, 4])):
        text = draw.choice(MUTATIONS)(draw, text)
    return text


def spoiled(draw: random.Random, files: Files) -> dict[str, bytes]:
    """The files with one of them mutated; now and then a file is gone, stands twice, or ends with another's lines."""
    result = dict(files)
    name, other = draw.choice(sorted(files)), draw.choice(sorted(files))
    if draw.randrange(10) == 0 and len(files) > 1:
        kind = draw.randrange(3)
        if kind == 0:
            del result[other]
        elif kind == 1:
            result[f"copy/{other}"] = files[other]
        else:
            result[other] += files[name]
    if name in result:
        result[name] = mutated(draw, result[name])
    return result
