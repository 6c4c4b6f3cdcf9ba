"""One worker process as the engine sees it. Belongs to the pool, and is used in the pool's thread only.

Once the descriptors here are closed, however that comes about, the worker takes the engine for gone: it ends, and with
it everything that it started.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from rota.executors.channel import Unpacker
from rota.executors.run import Run
from rota.executors.text_pipe import TextPipe
from rota.model.record import Stream
from rota.runtime.processes import PIPE, Process, python_module, start_process

_READ = 256 * 1024


class WorkerProcess:
    """A started worker. Raises `OSError` when no process can be started.

    `on_message` is called with the worker and the message's parts, `on_lost` once it has closed its end of the channel.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        on_message: Callable[..., None],
        on_lost: Callable[[WorkerProcess], None],
    ) -> None:
        self.run: Run | None = None
        """What it is carrying out."""
        self.is_proven = False
        """Whether it has carried out an attempt to the end."""
        self.is_retired = False
        """Whether it gets nothing more to do."""
        self._selector = selector
        self._on_message = on_message
        self._on_lost = on_lost
        self._unpacker = Unpacker()
        self._unsent = bytearray()
        self._channel, theirs = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = _start(theirs, lifeline)
        except OSError:
            self._channel.close()
            os.close(self._lifeline)
            raise
        finally:
            theirs.close()
            os.close(lifeline)
        self._channel.setblocking(False)
        selector.register(self._channel, selectors.EVENT_READ, self._on_channel)
        self._pipes = self._open_pipes()

    @property
    def returncode(self) -> int | None:
        """How it exited, negative for a signal; None while it lives."""
        return self._process.poll()

    def send(self, message: bytes) -> None:
        """Send a packed message, now or as soon as the worker reads."""
        self._unsent += message
        self._write()

    def hang_up(self) -> None:
        """Have it end itself and its command, as when the engine dies."""
        with suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """Kill it, the processes that its method started, and its command."""
        groups = [self._process.pid]
        if self.run is not None and self.run.command_group is not None:
            groups.append(self.run.command_group)
        for group in groups:
            with suppress(ProcessLookupError, PermissionError):  # macOS: no permission for what is dead already
                os.killpg(group, signal.SIGKILL)

    def drain(self) -> None:
        """Take what its method has written to file descriptors 1 and 2 up to now."""
        for pipe in self._pipes:
            pipe.drain()

    def close(self) -> None:
        """Let go of a dead worker."""
        for pipe in self._pipes:
            self._unwatch(pipe.descriptor)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._unwatch(self._channel)
        self._channel.close()
        os.close(self._lifeline)

    def _open_pipes(self) -> list[TextPipe]:
        pipes = []
        for name, stream in ((Stream.STDOUT, self._process.stdout), (Stream.STDERR, self._process.stderr)):
            if stream is not None:
                pipe = TextPipe(stream.fileno(), partial(self._take_text, name))
                self._selector.register(pipe.descriptor, selectors.EVENT_READ, partial(self._on_pipe, pipe))
                pipes.append(pipe)
        return pipes

    def _on_pipe(self, pipe: TextPipe, _events: int) -> None:
        if not pipe.read():
            self._unwatch(pipe.descriptor)

    def _take_text(self, stream: str, text: str) -> None:
        if self.run is not None:  # otherwise it comes from what an attempt that is over left running
            self.run.reporter.emitted(stream, text)

    def _on_channel(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._write()
        if events & selectors.EVENT_READ:
            self._read()

    def _read(self) -> None:
        try:
            data = self._channel.recv(_READ)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        try:
            for message in self._unpacker.feed(data):
                self._on_message(self, *message)
        except Exception:
            # A method may write anything to a descriptor that is not its own; that must cost its worker only.
            logging.getLogger("rota.executors").exception("a worker process sent what cannot be understood")
            data = b""
        if not data:
            self._unwatch(self._channel)
            self._on_lost(self)

    def _write(self) -> None:
        try:
            del self._unsent[: self._channel.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # it died; reading finds that out, after what it has sent before
            self._unsent.clear()
        if self._channel in self._selector.get_map():
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)
            self._selector.modify(self._channel, wanted, self._on_channel)

    def _unwatch(self, descriptor: socket.socket | int) -> None:
        with suppress(KeyError):
            self._selector.unregister(descriptor)


def _start(channel: socket.socket, lifeline: int) -> Process:
    return start_process(
        python_module("rota.executors.worker", str(lifeline)),
        stdin=channel.fileno(),
        stdout=PIPE,
        stderr=PIPE,
        pass_fds=(lifeline,),
    )
