"""The herald: speaks while somebody waits, at once, and not more often than is of use."""

from __future__ import annotations

from rota.engine import herald as herald_module
from rota.engine.herald import WAITING_SECONDS, Herald
from rota.store.wakeups import Channel
from rota.testing import SettableClock


class Said:
    """A speaker that only remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, channel: str) -> None:
        self.said.append(channel)

    def close(self) -> None:
        self.said.append("closed")


def made() -> tuple[Herald, Said, SettableClock]:
    words, clock = Said(), SettableClock()
    return Herald(words, clock), words, clock  # type: ignore[arg-type]


def test_it_says_nothing_while_nobody_waits() -> None:
    herald, words, _ = made()
    assert not herald.note_stored()
    assert herald.run_once().counts == {"words": 0}
    assert words.said == []


def test_the_first_who_waits_is_told_to_look_again_and_then_of_every_end() -> None:
    herald, words, clock = made()
    assert herald.note_waiter()
    assert not herald.note_waiter(), "it waits still"
    herald.run_once()
    assert herald.note_stored()
    assert herald.note_stored()
    assert herald.run_once().counts == {"words": 1}, "two ends in one word"
    assert words.said == [Channel.ENDS, Channel.ENDS]
    clock.advance(WAITING_SECONDS + 1)
    assert not herald.note_stored(), "nobody waits any more"
    assert herald.note_waiter()


def test_a_job_that_waits_here_is_told_to_others() -> None:
    herald, words, _ = made()
    assert herald.note_waiting()
    herald.run_once()
    herald.close()
    assert words.said == [Channel.WAITERS, "closed"]
    assert herald_module.APART_SECONDS < 0.1
