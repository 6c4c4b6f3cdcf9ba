"""Whether somebody looks: terminals, colours, and the wish for none (https://no-color.org)."""

from __future__ import annotations

from typing import IO


def has_colour(stream: IO[str]) -> bool:
    """Whether the stream is a terminal whose user has not asked for no colour."""
    if not stream.isatty():
        return False
    from rota.app.settings import wants_no_colour

    return not wants_no_colour()
