"""Which methods may be started, and whether parameters fit them; asked at every start of a background job."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from difflib import get_close_matches
from functools import lru_cache

from rota.app.context import Context
from rota.model.errors import MethodNotAllowed, UnknownMethod, UsageError
from rota.model.method import MethodName
from rota.runtime.forking import watch_forks
from rota.runtime.loading import Function, FunctionNotFound, is_asynchronous, load_function
from rota.store import configurations
from rota.store.configurations import AppliedConfiguration
from rota.store.grounds import Revisions

FRESH_SECONDS = 1.0
"""How long what the database says about configurations is taken for granted by who makes no start of it."""


class Known:
    """The configurations as they were read, with what was found out about methods since."""

    def __init__(self, applied: Sequence[AppliedConfiguration], roots: Mapping[str, str]) -> None:
        self._applied = applied
        self._import_paths = {each.name: each.import_path(roots.get(each.name)) for each in applied}
        self._homes: dict[str, AppliedConfiguration] = {}
        self.revisions = Revisions(
            sum(each.revision for each in applied), max((each.applied_at for each in applied), default=None)
        )

    def home(self, method: str) -> AppliedConfiguration:
        """The configuration that allows `method`. Raises `MethodNotAllowed`, or `UnknownMethod` for what is no name."""
        if method not in self._homes:
            self._homes[method] = self._find_home(method)
        return self._homes[method]

    def find(self, method: str) -> tuple[Function, AppliedConfiguration]:
        """The function and the configuration that allows it. Raises `MethodNotAllowed` or `UnknownMethod`."""
        home = self.home(method)
        return _load(method, self.import_path(home)), home

    def import_path(self, home: AppliedConfiguration) -> tuple[str, ...]:
        """The folders that the methods of a configuration are looked for in."""
        return self._import_paths[home.name]

    def require_fit(self, method: str, executor: str, kind: str) -> None:
        """Raises `UsageError` for an executor of a kind that cannot run the method."""
        if kind == "async" and not is_asynchronous(self.find(method)[0]):
            raise UsageError(f"executor {executor} runs `async def` methods, and {method} is none")

    def _find_home(self, method: str) -> AppliedConfiguration:
        try:
            name = MethodName.parse(method)
        except ValueError as error:
            raise UnknownMethod(method, str(error)) from error
        modules = sorted({module for each in self._applied for module in each.modules})
        if not name.is_public:
            raise MethodNotAllowed(method, modules, "a name that begins with an underscore is private")
        home = next((each for each in self._applied if name.is_allowed(each.modules)), None)
        if home is None:
            raise MethodNotAllowed(method, modules, _near(name, modules))
        return home


class Methods:
    """The methods that the applied configurations allow."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        watch_forks(self)
        self._known: Known | None = None
        self._read_mark = 0.0

    def forked(self) -> None:
        """In a forked process: another thread of the parent may have held the lock."""
        self._lock = threading.Lock()

    def known(self) -> Known:
        """What was read last, however long ago: for a start, which is made only if that still holds."""
        with self._lock:
            return self._known or self._read()

    def recent(self) -> Known:
        """What was in force a second ago, or has come since."""
        with self._lock:
            is_old = self._context.clock.monotonic() - self._read_mark > FRESH_SECONDS
            return self._read() if self._known is None or is_old else self._known

    def current(self) -> Known:
        """What is in force now."""
        with self._lock:
            return self._read()

    def _read(self) -> Known:
        mark = self._context.clock.monotonic()
        with self._context.store.glance() as tx:
            self._known = Known(configurations.applied(tx), self._context.roots)
        self._read_mark = mark
        return self._known


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
