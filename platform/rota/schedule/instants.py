"""Between aware datetimes, which callers use, and whole seconds since 1970, which this room counts in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rota.schedule.zones import EPOCH

MICROSECONDS = 1_000_000
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970. Raises `ValueError` for a naive datetime."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(f"{instant} has no time zone; an instant needs one, such as datetime.UTC")
    return (instant - EPOCH) // _MICROSECOND


def floor(instant: datetime) -> int:
    """The second that the instant lies in."""
    return microseconds(instant) // MICROSECONDS


def ceiling(instant: datetime) -> int:
    """The first whole second that is not before the instant."""
    return -(-microseconds(instant) // MICROSECONDS)


def from_microseconds(value: int) -> datetime | None:
    """The instant in UTC; none where it lies beyond the calendar."""
    try:
        return EPOCH + timedelta(microseconds=value)
    except OverflowError:
        return None


def from_seconds(value: int) -> datetime:
    """The instant in UTC."""
    return datetime.fromtimestamp(value, UTC)
