"""Functions by name: `module:function` to the function itself. Used by workers and by the code check."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
import sys
import threading
import traceback
from collections.abc import Callable, Hashable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from types import ModuleType
from typing import Any

Function = Callable[..., Any]

IMPORTING = threading.RLock()
"""Held while a method's module is imported, so that nobody sees a set of modules that is only half exchanged."""


class FunctionNotFound(LookupError):
    """The name leads to no function that may be called; `reason` says why."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


def load_function(name: str, path: Sequence[str] = ()) -> Function:
    """The function that `name` ("module:function") names; the folders of `path` are looked into first.

    They stay on the import path, because the function may import more from there when it runs. Raises
    `FunctionNotFound`, also for a module that raises or exits while it is imported.
    """
    extend_import_path(path)
    module_name, _, function_name = name.partition(":")
    module = _import(name, module_name)
    if not hasattr(module, function_name):
        close = get_close_matches(function_name, _public_functions(module), n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise FunctionNotFound(name, f"module {module_name} has no function {function_name}{hint}")
    function = getattr(module, function_name)
    is_known = isinstance(function, Hashable)
    refusal = (_refusal if is_known else _refusal.__wrapped__)(module, function_name, function)
    if refusal is not None:
        raise FunctionNotFound(name, refusal)
    return function  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _refusal(module: ModuleType, function_name: str, function: Any) -> str | None:
    """Why this value of a module is not to be called, if so. Kept, because a method is called many times."""
    if (kind := _no_function(function)) is not None:
        return f"{function_name} is {kind}, not a function"
    if _is_foreign(module, function_name, function):
        return (
            f"{function_name} is only imported there, from {function.__module__}; list it in __all__ to make it public"
        )
    return None


def is_asynchronous(function: Function) -> bool:
    """Whether it is an `async def`, with or without `yield`; decorators that say what they wrap are seen through."""
    own = inspect.unwrap(function)
    return inspect.iscoroutinefunction(own) or inspect.isasyncgenfunction(own)


def _no_function(value: Any) -> str | None:
    """What a value is that was not written as `def` or `async def`; None for a function, decorated or not."""
    if inspect.isclass(value):
        return "a class"
    if inspect.isbuiltin(value):
        return "built in"
    function = inspect.unwrap(value) if callable(value) else value
    if not inspect.isfunction(function):
        return f"a value of type {type(value).__name__}"
    return "a lambda" if function.__name__ == "<lambda>" else None


def extend_import_path(path: Sequence[str]) -> None:
    """Put the folders in front of the import path, in their order, unless they are on it already."""
    sys.path[:0] = [folder for folder in path if folder not in sys.path]


def _import(name: str, module_name: str) -> ModuleType:
    with IMPORTING:
        return _import_alone(name, module_name)


def _import_alone(name: str, module_name: str) -> ModuleType:
    if module_name not in sys.modules:
        # A module written a moment ago may be hidden by the finders' cached listing of its folder.
        importlib.invalidate_caches()
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module_name}.".startswith(f"{error.name}."):
            raise FunctionNotFound(name, f"no module named {error.name}{_near_modules(error.name)}") from error
        raise FunctionNotFound(name, import_failure(module_name, error)) from error
    except (Exception, SystemExit) as error:  # a module may raise anything
        raise FunctionNotFound(name, import_failure(module_name, error)) from error


def _near_modules(missing: str) -> str:
    """A hint where the package has a module with a name like that."""
    package, _, last = missing.rpartition(".")
    folders = getattr(sys.modules.get(package), "__path__", ()) if package else ()
    close = get_close_matches(last, [found.name for found in pkgutil.iter_modules(folders)], n=1) if folders else []
    return f"; did you mean {package}.{close[0]}?" if close else ""


def import_failure(module_name: str, error: BaseException) -> str:
    """What an import raised, and the last line outside Python's own import machinery."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
    where = f" ({_below_import_path(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    text = f": {error}" if str(error) else ""
    return f"importing {module_name} raised {type(error).__name__}{text}{where}"


def _below_import_path(filename: str) -> str:
    """`shop_jobs/rates.py` rather than the whole path: what the name of the method already leads to."""
    folders = (folder for folder in sys.path if folder and filename.startswith(folder + os.sep))
    return filename[len(max(folders, key=len, default="")) :].lstrip(os.sep)


def _is_users(filename: str) -> bool:
    return not filename.startswith("<frozen ") and filename not in {__file__, importlib.__file__}


def _is_foreign(module: ModuleType, function_name: str, function: Function) -> bool:
    """Whether the module merely imports the function from another package.

    Otherwise `from subprocess import run` in a module would make `run` a method that any user may start.
    """
    home = getattr(function, "__module__", None)
    if not isinstance(home, str) or function_name in getattr(module, "__all__", ()):
        return False
    return home.partition(".")[0] != module.__name__.partition(".")[0]


def _public_functions(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if not name.startswith("_") and _no_function(value) is None]
