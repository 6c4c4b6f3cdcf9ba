"""Exceptions as data: type, message, and the traceback of the user's own frames."""

from __future__ import annotations

import os
from traceback import FrameSummary, StackSummary, TracebackException

import rota
from rota.model.errors import BadParameters, PermanentFailure
from rota.model.outcome import ErrorInfo

_LONGEST_MESSAGE = 10_000
_LONGEST_TRACEBACK = 100_000

_LIBRARY = os.path.dirname(str(os.__file__))  # noqa: PTH120 - pathlib would slow down the start of every worker
_FOREIGN = (
    "<frozen importlib",
    os.path.join(_LIBRARY, "importlib", ""),  # noqa: PTH118
    os.path.join(_LIBRARY, "asyncio", ""),  # noqa: PTH118
    os.path.join(rota.__path__[0], ""),  # noqa: PTH118
)
"""Where frames lie that say nothing about the user's code: Rota's, and those of what Rota calls it through."""


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
        if isinstance(error, SystemExit):
            return f"the method called sys.exit({error.code!r})"
        return str(error)
    except Exception as second:  # noqa: BLE001 - the user's __str__ may raise anything
        return f"(its text cannot be shown: {type(second).__name__})"


def _traceback(error: BaseException) -> str:
    summary = TracebackException.from_exception(error)
    _keep_own_frames(summary)
    text = "".join(summary.format())
    return text if len(text) <= _LONGEST_TRACEBACK else "...\n" + text[-_LONGEST_TRACEBACK:]


def _keep_own_frames(summary: TracebackException) -> None:
    """Drop the frames before the user's first one, here and in the exceptions that led to this one."""
    first = next((index for index, frame in enumerate(summary.stack) if _is_own(frame)), len(summary.stack))
    summary.stack = StackSummary.from_list(summary.stack[first:])
    for other in (summary.__cause__, summary.__context__):
        if other is not None:
            _keep_own_frames(other)


def _is_own(frame: FrameSummary) -> bool:
    return not frame.filename.startswith(_FOREIGN)


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)"
