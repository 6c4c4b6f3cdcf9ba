"""Python's own streams and logging, routed to the job whose method uses them.

Installed once per process, by each thread executor and by each worker. What no job writes goes where it went before.
"""

from __future__ import annotations

import io
import logging
import sys
from codecs import getincrementaldecoder
from threading import Lock
from typing import Any, TextIO

from rota.executors.plain import clean
from rota.executors.scope import current_scope
from rota.model.record import Stream
from rota.model.values import Json


class RoutedText(io.TextIOBase):
    """Stands in for `sys.stdout` or `sys.stderr`."""

    def __init__(self, stream: str, original: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.original = original
        self._bytes = _RoutedBytes(self)

    def write(self, text: str) -> int:
        scope = current_scope()
        if scope is None:
            return self.original.write(text)
        scope.write(self.stream, text)
        return len(text)

    def flush(self) -> None:
        scope = current_scope()
        if scope is None:
            self.original.flush()
        else:
            scope.flush()

    def close(self) -> None:
        """The original is not ours to close, nor to flush when the garbage collector takes this."""

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return current_scope() is None and self.original.isatty()

    def fileno(self) -> int:
        return self.original.fileno()

    def reconfigure(self, **_: object) -> None:
        """Accepted, because programs ask `sys.stdout` for line buffering and encodings; there is nothing to change."""

    @property
    def buffer(self) -> io.RawIOBase:
        """For those who write bytes to `sys.stdout.buffer`."""
        return self._bytes

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace"


class _RoutedBytes(io.RawIOBase):
    """Bytes into the text stream that they belong to."""

    def __init__(self, text: RoutedText) -> None:
        super().__init__()
        self._text = text
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def write(self, data: Any) -> int:
        self._text.write(self._decoder.decode(bytes(data)))
        return len(data)

    def close(self) -> None:
        """As the text stream's."""

    def writable(self) -> bool:
        return True


class JobLogHandler(logging.Handler):
    """On the root logger: records of a job's code become the job's log."""

    def emit(self, record: logging.LogRecord) -> None:
        scope = current_scope()
        if scope is not None:
            try:
                scope.emit(Stream.LOG, self._to_data(record))
            except Exception:  # noqa: BLE001 - a record may format badly in any way; logging's own rule for handlers
                self.handleError(record)
        elif logging.root.handlers == [self] and logging.lastResort and record.levelno >= logging.lastResort.level:
            # Without this handler logging would have shown it; the program around the jobs must not lose it.
            logging.lastResort.handle(record)

    def _to_data(self, record: logging.LogRecord) -> dict[str, Json]:
        data: dict[str, Json] = {
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
        }
        if record.exc_info:
            data["exception"] = clean(logging.Formatter().formatException(record.exc_info))
        return data


_lock = Lock()
_users = 0
_handler = JobLogHandler()


def install() -> None:
    """Route logging and the streams of this process; counted, so that several executors may share it."""
    global _users  # noqa: PLW0603 - sys.stdout is one for the whole process, and so is this count
    with _lock:
        _users += 1
    ensure()


def ensure() -> None:
    """Put back in place what somebody has exchanged: test runners do, and methods that configure logging anew."""
    if type(sys.stdout) is RoutedText and type(sys.stderr) is RoutedText and _handler in logging.root.handlers:
        return
    with _lock:
        if not isinstance(sys.stdout, RoutedText):
            sys.stdout = RoutedText(Stream.STDOUT, sys.stdout)
        if not isinstance(sys.stderr, RoutedText):
            sys.stderr = RoutedText(Stream.STDERR, sys.stderr)
        logging.root.addHandler(_handler)


def uninstall() -> None:
    """Undo one `install`; the last one puts everything back that is still in place."""
    global _users  # noqa: PLW0603 - see install
    with _lock:
        _users -= 1
        if _users == 0:
            logging.root.removeHandler(_handler)
            if isinstance(sys.stdout, RoutedText):
                sys.stdout = sys.stdout.original
            if isinstance(sys.stderr, RoutedText):
                sys.stderr = sys.stderr.original
