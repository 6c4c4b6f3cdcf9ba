"""Raising an exception in another thread: how methods that run in the engine's own process are ended by force."""

from __future__ import annotations

from threading import Thread


def raise_in(thread: Thread, exception: type[BaseException] | None) -> None:
    """Have the thread raise `exception` at its next step in Python; None takes back what it has not raised yet."""
    import ctypes

    argument = ctypes.py_object(exception) if exception is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), argument)
