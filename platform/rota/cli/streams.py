"""The three streams of a command, as every command may rely on them: main prepares them before anything is written."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path


def prepare() -> None:
    """Make streams that the caller has closed lead nowhere, and write UTF-8 whatever the locale says.

    A closed one would otherwise be the number of the next file that is opened, a database perhaps. And a letter that
    the locale does not know would end a command in the midst of its output, after it did what it was asked for.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 -- for as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def abandon_stdout() -> None:
    """Let what is written to stdout from now on lead nowhere, and what is left in its buffer.

    It can be written nowhere; Python would try again, and complain, when it exits.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
