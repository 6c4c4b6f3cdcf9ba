"""The one door to other processes; executors and the code check come through here.

Everything that a caller needs of `subprocess` is named here, so that the module is imported nowhere else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TypeAlias

PIPE = subprocess.PIPE
DEVNULL = subprocess.DEVNULL
STDOUT = subprocess.STDOUT
TimeoutExpired = subprocess.TimeoutExpired
Process: TypeAlias = "subprocess.Popen[bytes]"

_RUN_MODULE = (
    "import runpy, sys; "
    "count = int(sys.argv[2]); "
    "sys.path += [folder for folder in sys.argv[3 : 3 + count] if folder not in sys.path]; "
    "module = sys.argv[1]; "
    "del sys.argv[1 : 3 + count]; "
    "runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def start_process(
    argv: Sequence[str],
    *,
    directory: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    new_session: bool = True,
    stdin: int | IO[bytes] | None = DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
) -> Process:
    """Start `argv` (never through a shell) and return at once.

    `environment` is added to this process's own. With `new_session` the process leads a session and group of
    its own: Ctrl-C in a terminal does not reach it, and its process id names the group that `os.killpg` stops
    as a whole. Raises `OSError` when it cannot be started.
    """
    return subprocess.Popen(
        list(argv),
        cwd=directory,
        env={**os.environ, **environment} if environment else None,
        start_new_session=new_session,
        close_fds=True,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=tuple(pass_fds),
    )


def python_module(module: str, *arguments: str) -> list[str]:
    """The argv that runs `module` in a fresh interpreter which finds everything that this one finds.

    The folders of this process's `sys.path` go behind the new interpreter's own, so that nothing shadows the
    standard library, and the working folder is not looked into by itself (`-P`).
    """
    folders = [os.path.abspath(folder) for folder in sys.path]  # noqa: PTH100 - a Path drops nothing here, costs more
    return [sys.executable, "-P", "-c", _RUN_MODULE, module, str(len(folders)), *folders, *arguments]
