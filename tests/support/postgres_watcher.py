"""Ends a test server when its test session is gone. Run by postgres.py as a process of its own.

The session writes the server's process id to this program's standard input whenever it changes, 0 while the
server is down. The end of the input means that the session is over, even if it was killed: then the server is
stopped at once and its folder, the program's argument, removed.
"""

from __future__ import annotations

import shutil
import signal
import sys

import psutil


def main(folder: str) -> None:
    pid = 0
    for line in sys.stdin:
        pid = int(line)
    if pid and psutil.pid_exists(pid):
        server = psutil.Process(pid)
        server.send_signal(signal.SIGQUIT)  # PostgreSQL's immediate shutdown
        psutil.wait_procs([server], timeout=10)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1])
