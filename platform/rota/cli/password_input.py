"""Passwords as people type them: hidden and twice on a terminal, else the first line of standard input.

Never from the command line, which everybody on the machine can read.
"""

from __future__ import annotations

import sys
from getpass import getpass

from rota.model.errors import UsageError


def read_password(whose: str) -> str:
    """A new password for the user `whose`. Raises `UsageError` where two entries differ, or none comes."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise UsageError("no password came on standard input")
        return line
    password = getpass(f"New password of {whose}: ")
    if getpass("Once more: ") != password:
        raise UsageError("the two passwords differ; nothing was changed")
    return password
