"""The command executor: real programs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.model.outcome import End, ErrorInfo
from tests.support.processes import is_alive, wait_until_gone
from tests.support.sides import Side, closing, heard_anew, make_side


@pytest.fixture(scope="module")
def warm() -> Iterator[Side]:
    """One executor for all of these tests, so that each runs where others have run before."""
    with closing(make_side("command", workers=1)) as side:
        yield side


@pytest.fixture
def side(warm: Side) -> Iterator[Side]:
    with heard_anew(warm) as side:
        yield side


def error_of(side: Side, *argv: str) -> ErrorInfo:
    outcome = side.recorder.wait_for_end(side.start_command(*argv))
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert outcome.error.type == "CommandFailed"
    assert outcome.error.traceback is None
    return outcome.error


def test_exit_code_0_is_the_result(side: Side) -> None:
    assert side.recorder.wait_for_end(side.start_command("true")).result == {"exit_code": 0}


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", "exit code 3"),
        ("echo first >&2; echo last >&2; echo >&2; exit 1", "exit code 1: last"),
        ("kill -9 $$", "signal SIGKILL"),
        ("echo going >&2; kill -TERM $$", "signal SIGTERM: going"),
    ],
)
def test_another_end_is_named_with_the_last_line_of_stderr(side: Side, script: str, message: str) -> None:
    assert error_of(side, "sh", "-c", script).message == message


def test_what_cannot_be_run_is_told_in_one_line(side: Side, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    assert error_of(side, "no-such-program", "-x").message == "cannot run no-such-program: No such file or directory"
    assert error_of(side, str(text)).message == f"cannot run {text}: Permission denied"
    text.chmod(0o700)
    assert error_of(side, str(text)).message == f"cannot run {text}: Exec format error"
    assert error_of(side, "echo", "\0").message == "cannot run echo: embedded null byte"


def test_no_shell_reads_the_arguments(side: Side) -> None:
    attempt = side.start_command("echo", "$HOME", "*", "; exit 1")
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == "$HOME * ; exit 1\n"


def test_the_command_knows_its_job(side: Side) -> None:
    script = "echo $ROTA_JOB_ID $ROTA_ATTEMPT ${ROTA_KEY-none}"
    for key, shown in [("usd", "usd"), (None, "none")]:
        attempt = side.start_command("sh", "-c", script, job=f"b-{shown}", number=2, key=key)
        side.recorder.wait_for_end(attempt)
        assert side.recorder.text(attempt) == f"b-{shown} 2 {shown}\n"


def test_its_environment_is_added_to_the_engines_and_cannot_hide_the_job(side: Side) -> None:
    script = 'echo "$GREETING $ROTA_JOB_ID ${PATH:+and a path}"'
    environment = {"GREETING": "good day $HOME", "ROTA_JOB_ID": "another"}
    attempt = side.start_command("sh", "-c", script, job="b-1", environment=environment)
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == "good day $HOME b-1 and a path\n"
    later = side.start_command("sh", "-c", "echo ${GREETING-gone}")
    side.recorder.wait_for_end(later)
    assert side.recorder.text(later) == "gone\n"


def test_it_runs_in_its_working_directory(side: Side, tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    attempt = side.start_command("ls", working_directory=str(tmp_path))
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == "here\n"


@pytest.mark.parametrize(("folder", "why"), [("none", "No such file or directory"), ("file", "Not a directory")])
def test_a_working_directory_that_is_none_is_named(side: Side, tmp_path: Path, folder: str, why: str) -> None:
    (tmp_path / "file").touch()
    place = str(tmp_path / folder)
    outcome = side.recorder.wait_for_end(side.start_command("true", working_directory=place))
    assert outcome.error is not None
    assert outcome.error.message == f"cannot run true in {place}: {why}"


@pytest.mark.parametrize(("code", "end"), [(0, End.RAISED), (3, End.RETURNED), (4, End.RAISED), (5, End.RETURNED)])
def test_good_exit_codes_are_those_it_names(side: Side, code: int, end: End) -> None:
    outcome = side.recorder.wait_for_end(side.start_command("sh", "-c", f"exit {code}", ok_exit_codes=(3, 5)))
    assert outcome.end is end
    assert outcome.result == ({"exit_code": code} if end is End.RETURNED else None)


def test_the_reported_process_is_the_command(side: Side) -> None:
    attempt = side.start_command("sh", "-c", "echo $$")
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == f"{side.recorder.processes[attempt]}\n"


def test_streams_are_told_apart_and_bytes_that_are_no_text_replaced(side: Side) -> None:
    attempt = side.start_command("sh", "-c", r"printf 'a\377b'; echo oops >&2")
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == "a\ufffdb"
    assert side.recorder.text(attempt, "stderr") == "oops\n"


def test_there_is_nothing_to_read_on_standard_input(side: Side) -> None:
    assert side.recorder.wait_for_end(side.start_command("cat")).end is End.RETURNED


def test_what_a_command_leaves_in_its_group_is_ended(side: Side) -> None:
    attempt = side.start_command("sh", "-c", "sleep 1000 & echo $!")
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    wait_until_gone([int(side.recorder.text(attempt))])


def test_what_has_left_the_group_neither_holds_up_the_end_nor_is_ended(side: Side) -> None:
    # The child takes the command's stdout along into a session of its own.
    program = "import subprocess\nchild = subprocess.Popen(['sleep', '1000'], start_new_session=True)\nprint(child.pid)"
    attempt = side.start_command(sys.executable, "-c", program)
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    process = int(side.recorder.text(attempt))
    assert is_alive(process)
    os.kill(process, signal.SIGKILL)


def test_a_command_that_ends_well_when_told_to_stop_has_stopped(side: Side) -> None:
    attempt = side.start_command("sh", "-c", "trap 'exit 0' TERM; echo ready; while true; do sleep 0.05; done")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.message == "the command was stopped by SIGTERM, with exit code 0"


def test_stopping_a_command_keeps_its_worker(side: Side) -> None:
    side.recorder.wait_for_end(side.start("succeed"))
    (worker,) = side.executor._workers  # type: ignore[attr-defined]
    attempt = side.start("wait stubbornly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    side.recorder.wait_for_end(attempt)
    side.recorder.wait_for_end(side.start("succeed"))
    assert side.executor._workers == [worker]  # type: ignore[attr-defined]


def test_a_method_is_run_here_too(side: Side) -> None:
    assert side.recorder.wait_for_end(side.start_method("add", [1])).result == 2
