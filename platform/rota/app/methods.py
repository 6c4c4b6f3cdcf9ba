"""Which methods may be started, and whether parameters fit them; asked at every start of a background job."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import redirect_stdout
from difflib import get_close_matches
from functools import lru_cache

from rota.app.context import Context
from rota.model.errors import MethodNotAllowed, UnknownMethod, UsageError
from rota.model.method import MethodName
from rota.model.parameters import bind
from rota.model.values import Parameters
from rota.runtime.forking import watch_forks
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
        watch_forks(self)
        self._applied: list[Applied] = []
        self._import_paths: dict[str, tuple[str, ...]] = {}
        self._homes: dict[str, Applied] = {}
        self._read_mark: float | None = None

    def forked(self) -> None:
        """In a forked process: another thread of the parent may have held the lock."""
        self._lock = threading.Lock()

    def check(self, method: str, parameters: Sequence[Parameters]) -> Applied:
        """The configuration that allows `method`, after making sure that the parameters of each job fit.

        Raises `MethodNotAllowed`, `UnknownMethod` or `BadParameters`.
        """
        function, home = self.find(method)
        for each in parameters:
            bind(function, each, method=method)
        return home

    def find(self, method: str) -> tuple[Function, Applied]:
        """The function and the configuration that allows it. Raises `MethodNotAllowed` or `UnknownMethod`."""
        home = self.home(method)
        return _load(method, self.import_path(home)), home

    def import_path(self, home: Applied) -> tuple[str, ...]:
        """The folders that the methods of a configuration are looked for in."""
        known = self._import_paths.get(home.name)
        return home.import_path(self._context.roots.get(home.name)) if known is None else known

    def require_fit(self, method: str, executor: str, kind: str) -> None:
        """Raises `UsageError` for an executor of a kind that cannot run the method."""
        if kind == "async" and not is_asynchronous(self.find(method)[0]):
            raise UsageError(f"executor {executor} runs `async def` methods, and {method} is none")

    def home(self, method: str) -> Applied:
        """The configuration that allows `method`. Raises `MethodNotAllowed`, or `UnknownMethod` for what is no name."""
        applied, known = self._configurations()
        if method not in known:
            known[method] = self._find_home(method, applied)
        return known[method]

    def _find_home(self, method: str, applied: Sequence[Applied]) -> Applied:
        try:
            name = MethodName.parse(method)
        except ValueError as error:
            raise UnknownMethod(method, str(error)) from error
        modules = sorted({module for each in applied for module in each.modules})
        if not name.is_public:
            raise MethodNotAllowed(method, modules, "a name that begins with an underscore is private")
        home = next((each for each in applied if name.is_allowed(each.modules)), None)
        if home is None:
            raise MethodNotAllowed(method, modules, _near(name, modules))
        return home

    def _configurations(self) -> tuple[Sequence[Applied], dict[str, Applied]]:
        """The configurations, and those of them that were found to allow a method, by its name."""
        with self._lock:
            mark = self._context.clock.monotonic()
            if self._read_mark is None or mark - self._read_mark > FRESH_SECONDS:
                with self._context.store.glance() as tx:
                    self._applied, self._homes = configurations.applied(tx), {}
                roots = self._context.roots
                self._import_paths = {each.name: each.import_path(roots.get(each.name)) for each in self._applied}
                self._read_mark = mark
            return self._applied, self._homes


def _near(name: MethodName, modules: Sequence[str]) -> str | None:
    """What was probably meant, if a module that may be called has a name like that."""
    close = get_close_matches(name.module, modules, n=1)
    return f"did you mean {close[0]}:{name.function}?" if close else None


@lru_cache(maxsize=1024)
def _load(method: str, path: tuple[str, ...]) -> Function:
    try:
        # What a module prints when it is imported is not what the caller writes to stdout.
        with redirect_stdout(sys.stderr):
            return load_function(method, path)
    except FunctionNotFound as error:
        raise UnknownMethod(method, error.reason) from error
