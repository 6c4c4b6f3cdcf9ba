"""Between aware datetimes, which callers use, and whole seconds since 1970, which this room counts in."""

from __future__ import annotations

from datetime import datetime, timedelta

from rota.schedule.zones import DAY, EPOCH

MICROSECONDS = 1_000_000
_MICROSECOND = timedelta(microseconds=1)


def since_epoch(instant: datetime) -> timedelta:
    """The time since 1970. Raises `ValueError` for a naive datetime."""
    try:
        return instant - EPOCH
    except TypeError:
        raise _naive(instant) from None


def _naive(instant: datetime) -> ValueError:
    return ValueError(f"{instant} has no time zone; an instant needs one, such as datetime.UTC")


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970."""
    return since_epoch(instant) // _MICROSECOND


def floor(instant: datetime) -> int:
    """The second that the instant lies in."""
    try:
        elapsed = instant - EPOCH
    except TypeError:
        raise _naive(instant) from None
    return elapsed.days * DAY + elapsed.seconds


def ceiling(instant: datetime) -> int:
    """The first whole second that is not before the instant."""
    elapsed = since_epoch(instant)
    return elapsed.days * DAY + elapsed.seconds + (elapsed.microseconds > 0)


def from_microseconds(value: int) -> datetime | None:
    """The instant in UTC; none where it lies beyond the calendar."""
    try:
        return EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return None
