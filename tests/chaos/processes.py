"""The processes that faults strike: engines and clients, each in a session of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.chaos import notes
from tests.support.command_line import ROOT, environment
from tests.support.waiting import PATIENCE, wait_for


class OwnProcess:
    """A program of this folder. What it says goes to the file `log`, through a pipe: it may have no room for files."""

    def __init__(self, program: str, arguments: Sequence[str], log: Path, notes_in: Path | None = None) -> None:
        self.file = log
        settings = environment() | ({notes.FOLDER: str(notes_in)} if notes_in else {})
        self.file.touch()
        self.process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            cwd=ROOT,
            env=settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._keep_log)
        self._reader.start()

    def _keep_log(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said, self.file.open("ab", buffering=0) as log:
            for line in said:
                log.write(line)

    @property
    def log(self) -> str:
        return self.file.read_text()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._wait()

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        return self._wait()

    def clean_up(self) -> None:
        """Make sure that nothing is left of it, whatever became of it."""
        self.process.kill()
        self._wait()

    def _wait(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if self.process.stdin is not None:
            self.process.stdin.close()
        return code


class EngineProcess(OwnProcess):
    """An engine that runs until it is stopped or killed. `lease` is in seconds."""

    def __init__(self, database: str, log: Path, lease: float, notes_in: Path | None = None) -> None:
        super().__init__("tests.chaos.engine_script", [database, str(lease)], log, notes_in)

    def started(self) -> EngineProcess:
        """Wait until it runs."""
        wait_for(lambda: "engine.started" in self.log or not self.is_alive, "an engine that runs")
        assert self.is_alive, self.log
        return self

    def order(self, line: str) -> None:
        """One of the orders that the script obeys."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()


class ClientProcess(OwnProcess):
    """A program that starts jobs until it is stopped or killed."""

    def __init__(self, database: str, log: Path, notes_in: Path, seed: str) -> None:
        super().__init__("tests.chaos.client", [database, str(notes_in), seed], log)
