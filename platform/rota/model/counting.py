"""Counts in words: for every message that says how many."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 job`, `2 jobs`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
