"""Moments and spans as people type them: `2026-12-31T18:00`, `2026-12-31`, or a span such as `2h`."""

from __future__ import annotations

from datetime import datetime, timedelta

from rota.model.errors import UsageError


def read_moment(option: str, text: str | None, now: datetime, *, back: bool = False) -> datetime | None:
    """The instant that `text` names, on the local clock where it has no offset; a span goes `back` or forth from now.

    Raises `UsageError`, naming the option.
    """
    from rota.schedule import parse_duration

    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        pass
    try:
        span = timedelta(seconds=float(parse_duration(text)))
    except ValueError as error:
        raise UsageError(
            f"{option} {text!r} is neither a time such as 2026-12-31T18:00 nor a span such as 2h"
        ) from error
    return now - span if back else now + span


def read_seconds(option: str, text: str | None) -> float | None:
    """The length of a span, such as `90s` or `1h30m`, in seconds. Raises `UsageError`, naming the option."""
    from rota.schedule import parse_seconds

    if text is None:
        return None
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error
