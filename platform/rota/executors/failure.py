"""Exceptions as data: type, message, and the traceback of the user's own frames."""

from __future__ import annotations

import os
import signal
from traceback import FrameSummary, StackSummary, TracebackException, extract_stack
from types import FrameType

import rota
from rota.executors.plain import clean
from rota.model.errors import BadParameters, JobCancelled, PermanentFailure
from rota.model.outcome import ErrorInfo

_LONGEST_MESSAGE = 10_000
_LONGEST_TRACEBACK = 100_000

_ROTA = os.path.join(rota.__path__[0], "")  # noqa: PTH118 - pathlib would slow down the start of every worker
_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120
_MEANS = ("<frozen importlib", *(os.path.join(_LIBRARY, name, "") for name in ("asyncio", "importlib")))  # noqa: PTH118
"""Where the frames lie through which Rota reaches the user's code."""


def describe(error: BaseException) -> ErrorInfo:
    """What a method raised. Neither a text of any length nor a `__str__` that fails gets in the way."""
    return ErrorInfo(
        type=type(error).__qualname__,
        message=_clip(_message(error), _LONGEST_MESSAGE),
        traceback=_traceback(error),
        permanent=isinstance(error, (PermanentFailure, BadParameters)),
    )


def _message(error: BaseException) -> str:
    try:
        if isinstance(error, JobCancelled):
            return str(error) or "the method was told to stop"
        # An exit or an interruption has no words of its own: "SystemExit(3)" says more than "3".
        return str(error) if isinstance(error, Exception) else repr(error)
    except Exception as second:  # noqa: BLE001 - the user's __str__ may raise anything
        return f"(its text cannot be shown: {type(second).__name__})"


def _traceback(error: BaseException) -> str:
    summary = TracebackException.from_exception(error)
    _keep_own_frames(summary)
    text = clean("".join(summary.format()))
    return text if len(text) <= _LONGEST_TRACEBACK else "...\n" + text[-_LONGEST_TRACEBACK:]


def _keep_own_frames(summary: TracebackException) -> None:
    """Begin at the user's first frame, leave out Rota's, here and in the exceptions that led to this one."""
    summary.stack = _own_frames(summary.stack)
    for other in (summary.__cause__, summary.__context__):
        if other is not None:
            _keep_own_frames(other)


def _own_frames(stack: list[FrameSummary]) -> StackSummary:
    frames = [frame for frame in stack if not frame.filename.startswith(_ROTA)]
    first = next((i for i, frame in enumerate(frames) if not frame.filename.startswith(_MEANS)), len(frames))
    return StackSummary.from_list(frames[first:])


def describe_stack(frame: FrameType) -> str:
    """Where a thread is, from the user's first frame on."""
    own = _own_frames(list(extract_stack(frame))).format()
    return clean("".join(own).rstrip())


def _clip(text: str, longest: int) -> str:
    return clean(text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)")


def describe_exit(returncode: int) -> str:
    """How a process ended, in words: `exit code 3`, `signal SIGKILL`."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"signal {signal.Signals(-returncode).name}"
    except ValueError:  # real-time signals have no names
        return f"signal {-returncode}"
