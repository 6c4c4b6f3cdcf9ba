"""Which methods may be started, and whether parameters fit them; asked at every start of a background job."""

from __future__ import annotations

import sys
import threading
from contextlib import redirect_stdout
from functools import lru_cache

from rota.app.context import Context
from rota.model.errors import MethodNotAllowed, UnknownMethod
from rota.model.method import MethodName
from rota.model.parameters import bind
from rota.model.values import Parameters
from rota.runtime.loading import Function, FunctionNotFound, load_function
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
        home = self.home(method)
        bind(_load(method, home.path), parameters, method=method)
        return home

    def home(self, method: str) -> Applied:
        """The configuration that allows `method`. Raises `MethodNotAllowed`, or `UnknownMethod` for what is no name."""
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
