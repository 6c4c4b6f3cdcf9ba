"""Which methods may be started, and whether parameters fit them; asked at every start of a background job."""

from __future__ import annotations

import sys
import threading
from contextlib import redirect_stdout
from functools import lru_cache

from rota.app.context import Context
from rota.model.errors import MethodNotAllowed, UnknownMethod, UsageError
from rota.model.method import MethodName
from rota.model.parameters import bind
from rota.model.values import Parameters
from rota.runtime.loading import Function, FunctionNotFound, is_asynchronous, load_function
from rota.store import configurations
from rota.store.configurations import Applied

FRESH_SECONDS = 1.0
"""How long what the database says about configurations is taken for granted."""


class Methods:
    """The methods that the applied configurations allow."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._applied: list[Applied] = []
        self._read_mark: float | None = None

    def check(self, method: str, parameters: Parameters) -> Applied:
        """The configuration that allows `method`, after making sure that the parameters fit.

        Raises `MethodNotAllowed`, `UnknownMethod` or `BadParameters`.
        """
        home = self._home(method)
        bind(_load(method, home.path), parameters, method=method)
        return home

    def require_executor(self, home: Applied, method: str, executor: str) -> None:
        """Raises `UsageError` for an executor that nobody has, where it would wait for ever, or that cannot run it."""
        known = home.executors_for_methods()
        if executor not in known:
            raise UsageError(f"no executor {executor!r} for methods in configuration {home.name}: {', '.join(known)}")
        if known[executor] == "async" and not is_asynchronous(_load(method, home.path)):
            raise UsageError(f"executor {executor} runs `async def` methods, and {method} is none")

    def _home(self, method: str) -> Applied:
        try:
            name = MethodName.parse(method)
        except ValueError as error:
            raise UnknownMethod(method, str(error)) from error
        applied = self._configurations()
        for each in applied:
            if name.is_public and name.is_allowed(each.modules):
                return each
        raise MethodNotAllowed(method, sorted({module for each in applied for module in each.modules}))

    def _configurations(self) -> list[Applied]:
        with self._lock:
            mark = self._context.clock.monotonic()
            if self._read_mark is None or mark - self._read_mark > FRESH_SECONDS:
                with self._context.store.read() as tx:
                    self._applied = configurations.applied(tx)
                self._read_mark = mark
            return self._applied


@lru_cache(maxsize=1024)
def _load(method: str, path: tuple[str, ...]) -> Function:
    try:
        # What a module prints when it is imported is not what the caller writes to stdout.
        with redirect_stdout(sys.stderr):
            return load_function(method, path)
    except FunctionNotFound as error:
        raise UnknownMethod(method, error.reason) from error
