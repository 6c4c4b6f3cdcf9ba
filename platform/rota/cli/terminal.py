"""Whether somebody looks: terminals, their width, colours, and the wish for none (https://no-color.org)."""

from __future__ import annotations

import os
import shutil
from typing import IO


def has_colour(stream: IO[str]) -> bool:
    """Whether the stream is a terminal whose user has not asked for no colour."""
    if not stream.isatty():
        return False
    from rota.app.settings import wants_no_colour

    return not wants_no_colour()


def columns(stream: IO[str]) -> int | None:
    """How many characters a row of the terminal has; None where the stream is none, or the terminal does not say."""
    if not stream.isatty():
        return None
    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        return None
    return shutil.get_terminal_size(fallback=size).columns or None  # COLUMNS comes first
