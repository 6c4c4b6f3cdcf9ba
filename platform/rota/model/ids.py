"""Identifiers: random, so that no coordination is needed and a short prefix finds a job."""

from __future__ import annotations

import os


def new_id() -> str:
    """A new identifier: a random UUID (version 4, RFC 9562), in its canonical form."""
    # The class of the standard library takes three times as long, and a call that starts jobs makes thousands.
    bits = os.urandom(16).hex()
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-{_VARIANT[bits[16]]}{bits[17:20]}-{bits[20:]}"


_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
