"""Python's streams and logging, routed to jobs."""

from __future__ import annotations

import gc
import io
import logging
import sys
from collections.abc import Iterator
from contextvars import Context

import pytest

from rota.executors import capture
from rota.executors.capture import RoutedText
from rota.executors.scope import Scope, enter_context
from rota.model.attempt import Attempt
from rota.model.values import Json


@pytest.fixture
def records() -> list[tuple[str, Json]]:
    return []


@pytest.fixture
def inside(records: list[tuple[str, Json]]) -> Context:
    """A context in which a job runs."""
    context = Context()
    context.run(enter_context, Scope(Attempt(job="job", number=1, name="job"), lambda *sent: records.append(sent)))
    return context


@pytest.fixture
def installed() -> Iterator[None]:
    capture.install()
    yield
    capture.uninstall()


def test_text_goes_to_the_job_or_where_it_went(inside: Context, records: list[tuple[str, Json]]) -> None:
    original = io.StringIO()
    stream = RoutedText("stdout", original)
    stream.write("outside\n")
    inside.run(stream.write, "inside\n")
    assert original.getvalue() == "outside\n"
    assert records == [("stdout", "inside\n")]


def test_bytes_are_text_even_in_halves(inside: Context, records: list[tuple[str, Json]]) -> None:
    stream = RoutedText("stdout", io.StringIO())
    for data in ("ü".encode()[:1], "ü\n".encode()[1:]):
        assert inside.run(stream.buffer.write, data) == len(data)
    assert records == [("stdout", "ü\n")]


def test_closing_a_stream_or_losing_it_leaves_the_original_alone(
    inside: Context, records: list[tuple[str, Json]]
) -> None:
    original = io.StringIO()
    stream = RoutedText("stdout", original)
    inside.run(stream.close)
    inside.run(stream.buffer.close)
    inside.run(stream.write, "inside\n")
    stream.write("outside\n")
    assert records == [("stdout", "inside\n")]
    assert original.getvalue() == "outside\n"
    original.close()
    del stream
    gc.collect()  # a finaliser that touches the closed original would be an unraisable exception, and fail here


def test_a_stream_answers_what_programs_ask(inside: Context) -> None:
    with open("/dev/null", "w", encoding="ascii") as original:  # noqa: PTH123 - any real file
        stream = RoutedText("stdout", original)
        stream.reconfigure(line_buffering=True)
        assert stream.writable()
        assert stream.fileno() == original.fileno()
        assert (stream.encoding, stream.errors) == ("utf-8", "replace")
        assert not inside.run(stream.isatty)


@pytest.mark.usefixtures("installed")
def test_installing_twice_needs_uninstalling_twice() -> None:
    capture.install()
    capture.uninstall()
    assert isinstance(sys.stdout, RoutedText)
    assert isinstance(sys.stderr, RoutedText)


@pytest.mark.usefixtures("installed")
def test_a_stream_that_was_exchanged_is_routed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    other = io.StringIO()
    monkeypatch.setattr(sys, "stdout", other)
    capture.ensure()
    sys.stdout.write("text")
    assert isinstance(sys.stdout, RoutedText)
    assert other.getvalue() == "text"


@pytest.mark.usefixtures("installed")
def test_a_record_that_cannot_be_formatted_is_told_to_the_job(inside: Context, records: list[tuple[str, Json]]) -> None:
    capture.ensure()  # the test runner has exchanged the streams since the fixture
    record = logging.makeLogRecord({"msg": "%d items", "args": ("many",)})
    inside.run(capture.JobLogHandler().handle, record)
    assert "log" not in {stream for stream, _ in records}
    assert "--- Logging error ---" in "".join(str(data) for stream, data in records if stream == "stderr")


@pytest.mark.usefixtures("installed")
def test_warnings_outside_jobs_are_still_shown_if_nobody_else_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(logging, "lastResort", logging.StreamHandler(shown))
    (ours,) = [handler for handler in logging.root.handlers if isinstance(handler, capture.JobLogHandler)]
    monkeypatch.setattr(logging.root, "handlers", [ours])
    logging.getLogger("engine").warning("look here")
    assert shown.getvalue() == "look here\n"
