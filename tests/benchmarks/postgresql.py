"""The harness's end of the PostgreSQL server: start it, ask for fresh databases, end it. Called by __main__."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.environments import CHECKOUT
from tests.benchmarks.failure import BenchmarkError


class PostgreSQL:
    """A server of its own for one run of the benches; `with PostgreSQL(python) as server` starts and ends it."""

    def __init__(self, python: Path) -> None:
        """`python` is the interpreter of the peers' environment."""
        self._process = subprocess.Popen(
            [python, "-m", "tests.benchmarks.server"],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C ends the benches first, and they end the server
        )
        self.version = self._answer()

    def fresh_database(self) -> str:
        """The URL of a new, empty database; the one given before is dropped."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline().strip()
        if not line:
            self._process.communicate()
            raise BenchmarkError("the PostgreSQL server did not answer; its own message is above")
        return line
