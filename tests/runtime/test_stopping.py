"""Stop requests: once politely, twice urgently; by real signals in a real process."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from rota.runtime.stopping import StopRequest, stop_on_signals
from tests.support.command_line import environment

CHILD = """
from rota.runtime.stopping import StopRequest, stop_on_signals
import signal
with stop_on_signals(StopRequest()) as request:
    print("ready", flush=True)
    request.wait(60)
    print("asked by", request.reason, request.urgent.is_set(), flush=True)
    request.urgent.wait(60 if input() == "more" else 0)
    print("urgent", request.urgent.is_set(), flush=True)
print("handler", signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)
"""


@contextmanager
def child() -> Iterator[tuple[subprocess.Popen[str], IO[str], IO[str]]]:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process, process.stdin, process.stdout
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_one_signal_asks_politely(number: signal.Signals) -> None:
    with child() as (process, stdin, stdout):
        process.send_signal(number)
        assert stdout.readline() == f"asked by {number.name} False\n"
        stdin.write("enough\n")
        assert stdout.readline() == "urgent False\n"
        assert stdout.readline() == "handler True\n"


def test_a_second_signal_asks_urgently() -> None:
    with child() as (process, stdin, stdout):
        process.send_signal(signal.SIGTERM)
        assert stdout.readline() == "asked by SIGTERM False\n"
        stdin.write("more\n")
        process.send_signal(signal.SIGINT)
        assert stdout.readline() == "urgent True\n"


def test_asking_by_hand() -> None:
    request = StopRequest()
    assert not request.asked
    assert not request.wait(0)
    request.ask("enough time")
    assert request.asked
    assert request.wait(0)
    assert not request.urgent.is_set()
    request.ask("at once")
    assert request.urgent.is_set()
    assert request.reason == "enough time"


def test_the_handlers_before_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    with pytest.raises(RuntimeError), stop_on_signals(StopRequest()):
        raise RuntimeError
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)] == before
