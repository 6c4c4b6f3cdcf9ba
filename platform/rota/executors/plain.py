"""Values of methods as plain JSON. Used for results, for output and for whatever else a method emits."""

from __future__ import annotations

from typing import Any

from rota.model.values import Json, form_in_json

LARGEST = 64 * 1024 * 1024
"""Bytes of JSON in one value."""


def to_plain(value: Any, what: str) -> Json:
    """`value` as JSON; a copy, so that changing the value later changes nothing that was emitted.

    Dates, times, Decimal, UUID, bytes (base64), enums, paths, sets, tuples, dataclasses and models of pydantic become
    what JSON has for them; NaN and infinities become null, because JSON has no such numbers. Raises `TypeError` that
    says `what` it was, and `ValueError` for a value that is too large.
    """
    if value is None:
        return None
    import msgspec

    try:
        data = msgspec.json.encode(value, enc_hook=form_in_json)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise TypeError(f"{what} cannot be written as JSON: {error}") from None
    if len(data) > LARGEST:
        raise ValueError(f"{what} is too large: {len(data)} bytes of JSON, at most {LARGEST} may be; use a file")
    return msgspec.json.decode(data)  # type: ignore[no-any-return]


def clean(text: str) -> str:
    """Text that UTF-8, and so JSON, can carry: half characters (surrogates) are written out as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
