"""Text from pipes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rota.executors.text_pipe import TextPipe


class Ends:
    """A pipe that the test writes to, and what was read from it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.taken: list[str] = []
        self.pipe = TextPipe(self.reader, self.taken.append)

    def write(self, data: bytes) -> None:
        os.write(self.writer, data)

    def close_writer(self) -> None:
        os.close(self.writer)
        self.writer = -1


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    os.close(made.reader)
    if made.writer >= 0:
        os.close(made.writer)


def test_a_character_that_comes_in_halves_is_one(ends: Ends) -> None:
    for half in ("ü".encode()[:1], "ü".encode()[1:]):
        ends.write(half)
        assert ends.pipe.read()
    assert ends.taken == ["ü"]


def test_nothing_to_read_is_not_the_end(ends: Ends) -> None:
    assert ends.pipe.read()
    ends.close_writer()
    assert not ends.pipe.read()
    assert ends.taken == []


def test_draining_takes_everything_and_half_a_character_as_it_is(ends: Ends) -> None:
    ends.write(b"x" * 60_000 + "ü".encode()[:1])
    ends.pipe.drain()
    assert "".join(ends.taken) == "x" * 60_000 + "\ufffd"
    ends.write(b"next")
    ends.pipe.drain()
    assert ends.taken[-1] == "next"
