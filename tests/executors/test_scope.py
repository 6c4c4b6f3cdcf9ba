"""What a method emits, as records."""

from __future__ import annotations

import threading

import pytest

from rota.executors.scope import CHUNK, Scope, current_scope, enter_process, leave_process
from rota.model.attempt import Attempt
from rota.model.errors import JobCancelled
from rota.model.values import Json

ATTEMPT = Attempt(job="job", number=1, name="job")


class Sent(list[tuple[str, Json]]):
    """Records as they were sent."""

    def __call__(self, stream: str, data: Json) -> None:
        self.append((stream, data))


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def scope(sent: Sent) -> Scope:
    return Scope(ATTEMPT, sent)


def test_text_is_sent_by_the_line(scope: Scope, sent: Sent) -> None:
    for text in ("a", "b\nc", "\nd\ne\nf"):
        scope.write("stdout", text)
    assert sent == [("stdout", "ab\n"), ("stdout", "c\nd\ne\n")]
    scope.finish()
    assert sent[-1] == ("stdout", "f")


def test_text_of_another_stream_and_every_record_send_what_waits(scope: Scope, sent: Sent) -> None:
    scope.write("stdout", "a")
    scope.write("stderr", "b")
    scope.emit("message", "c")
    assert sent == [("stdout", "a"), ("stderr", "b"), ("message", "c")]


def test_flush_sends_what_waits_once(scope: Scope, sent: Sent) -> None:
    scope.write("stdout", "a")
    scope.flush()
    scope.flush()
    assert sent == [("stdout", "a")]


def test_no_record_of_text_is_longer_than_a_chunk(scope: Scope, sent: Sent) -> None:
    for text in ("x" * (3 * CHUNK + 1), "y" * CHUNK, "z\n" * CHUNK):
        scope.write("stdout", text)
    scope.finish()
    assert max(len(str(data)) for _, data in sent) == CHUNK
    assert "".join(str(data) for _, data in sent) == "x" * (3 * CHUNK + 1) + "y" * CHUNK + "z\n" * CHUNK


def test_text_without_lines_does_not_pile_up(scope: Scope, sent: Sent) -> None:
    for _ in range(2 * CHUNK):
        scope.write("stdout", "x")
    assert len(sent) == 2


def test_nothing_is_sent_after_the_end(scope: Scope, sent: Sent) -> None:
    scope.finish()
    scope.write("stdout", "late\n")
    scope.emit("message", "late")
    scope.flush()
    assert sent == []


def test_what_sending_itself_says_goes_nowhere() -> None:
    sent: list[str] = []
    scope: Scope

    def send(stream: str, data: Json) -> None:
        sent.append(stream)
        scope.emit("log", "while sending")
        scope.write("stdout", "while sending\n")
        scope.flush()

    scope = Scope(ATTEMPT, send)
    scope.emit("message", "text")
    assert sent == ["message"]


def test_a_listener_that_fails_leaves_the_scope_usable() -> None:
    sent: list[Json] = []

    def send(stream: str, data: Json) -> None:
        if data == "bad":
            raise OSError
        sent.append(data)

    scope = Scope(ATTEMPT, send)
    with pytest.raises(OSError):  # noqa: PT011 - raised by the line above
        scope.emit("message", "bad")
    scope.emit("message", "good")
    assert sent == ["good"]


def test_cancelling_tells_and_wakes(scope: Scope) -> None:
    woken = threading.Event()
    scope.on_cancel = woken.set
    scope.check_cancelled()
    scope.cancel()
    assert woken.is_set()
    with pytest.raises(JobCancelled):
        scope.check_cancelled()


def test_a_scope_of_the_process_is_seen_in_every_thread(scope: Scope) -> None:
    seen: list[Scope | None] = []
    enter_process(scope)
    thread = threading.Thread(target=lambda: seen.append(current_scope()))
    thread.start()
    thread.join()
    leave_process()
    assert seen == [scope]
    assert current_scope() is None
