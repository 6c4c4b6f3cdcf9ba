"""Messages between engine and worker."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from rota.executors.channel import LARGEST, Channel, Unpacker, pack

MESSAGES: list[list[object]] = [
    ["run", {"job": "b", "text": "ü\n"}],
    ["cancel", "b", 1],
    ["emitted", "stdout", "x" * 100_000],
]


@pytest.mark.parametrize("size", [1, 3, 1000, 1_000_000])
def test_messages_come_out_of_pieces_of_any_size(size: int) -> None:
    data = b"".join(pack(*message) for message in MESSAGES)
    unpacker = Unpacker()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert [message for piece in pieces for message in unpacker.feed(piece)] == MESSAGES


def test_half_a_message_is_none() -> None:
    assert list(Unpacker().feed(pack("run", 1)[:-1])) == []


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(ValueError, match="no message"):
        list(Unpacker().feed(b"\nprinted into the wrong place"))


def test_a_message_of_any_size_is_refused() -> None:
    with pytest.raises(ValueError, match="more than the 134217728 that one message may have"):
        pack("x" * LARGEST)


def test_a_channel_carries_messages_until_it_is_closed() -> None:
    reader, writer = os.pipe()
    received: list[list[object]] = []
    thread = threading.Thread(target=lambda: received.extend(Channel(reader).receive()))
    thread.start()
    sender = Channel(writer)
    for message in MESSAGES:
        sender.send(*message)
    sender.abandon()
    thread.join()
    os.close(reader)
    assert received == MESSAGES


def test_messages_of_several_threads_are_not_mixed() -> None:
    reader, writer = os.pipe()
    sender = Channel(writer)

    def send(letter: str) -> None:
        for _ in range(10):
            sender.send(letter * 100_000)

    threads = [threading.Thread(target=send, args=(letter,)) for letter in "abc"]
    received: list[list[Any]] = []
    receiver = threading.Thread(target=lambda: received.extend(Channel(reader).receive()))
    for thread in (receiver, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    sender.abandon()
    receiver.join()
    os.close(reader)
    assert sorted(received) == [[letter * 100_000] for letter in "abc" for _ in range(10)]


def test_an_abandoned_channel_sends_nothing() -> None:
    reader, writer = os.pipe()
    sender = Channel(writer)
    sender.abandon()
    with pytest.raises(OSError, match="Bad file descriptor"):
        sender.send("late")
    os.close(reader)
