"""Runs a function beside the test, in a thread. Used by tests in which two do something at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

LIMIT = 60.0
"""Seconds; far more than anything takes, on a busy machine too."""


class Side(Generic[Result]):
    """`result` waits for the function and raises what it raised."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._result: Result
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 -- raised again where the result is asked for
            self._error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def result(self) -> Result:
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), f"it did not end within {LIMIT:g} s"
        if self._error is not None:
            raise self._error
        return self._result
