"""Pinned code: sources as they were when they were last found good. Jobs of an engine that follows its files run these.

So a half-written module, or half of a checkout, is never run: not by a worker process that starts just then, and not by
a module that is imported for the first time. Modules that are not pinned come from their files, as ever.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType

from rota.runtime.loading import IMPORTING, import_failure

Sources = Mapping[str, bytes]
"""What each file, by its absolute path, says."""


class _Loader(SourceFileLoader):
    """Gives out what is pinned; bytecode is of what the file says now, so none is read or written."""

    def __init__(self, name: str, path: str, source: bytes) -> None:
        super().__init__(name, path)
        self._source = source

    def get_data(self, path: str) -> bytes:
        return self._source if path == self.path else super().get_data(path)

    def path_stats(self, path: str) -> Mapping[str, object]:
        raise OSError(f"{path} is pinned")


class _Finder(MetaPathFinder):
    """Looks for modules among the pinned sources first."""

    def __init__(self) -> None:
        self.sources: Sources | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del target
        sources, name = self.sources or {}, fullname.rpartition(".")[2]
        for folder in (sys.path if path is None else path) if sources else ():
            place = os.path.join(folder, name)  # noqa: PTH118 - called for every import, and as fast as it can be
            for file, below in ((os.path.join(place, "__init__.py"), [place]), (f"{place}.py", None)):  # noqa: PTH118
                if file in sources:
                    loader = _Loader(fullname, file, sources[file])
                    return spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=below)
        return None


_finder = _Finder()


def pinned() -> Sources | None:
    """What is pinned in this process; None: nothing ever was."""
    return _finder.sources


def pin(sources: Sources) -> str | None:
    """From now on, modules are imported as they are in `sources`; returns what keeps them from being used, if anything.

    Where one of them has changed, the modules of this process are imported anew, all of them or none. Whoever runs a
    function of the old ones goes on with it to its end.
    """
    with IMPORTING:
        before, _finder.sources = _finder.sources, sources
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
        old = dict(_loaded(before or {}, sources))
        if all((before or {}).get(file) == sources.get(file) for file in map(_file, old.values())):
            return None
        for name in old:
            del sys.modules[name]
        failure = _import([name for name, module in old.items() if _file(module) in sources])
        if failure is not None:
            for name, _ in list(_loaded(before or {}, sources)):
                del sys.modules[name]
            sys.modules.update(old)
            _finder.sources = before
        return failure


def _loaded(*pinned: Sources) -> Iterator[tuple[str, ModuleType]]:
    """The modules of this process that come from one of these files; those of Rota itself never change under it."""
    for name, module in list(sys.modules.items()):
        own = name == "__main__" or name.partition(".")[0] == "rota"
        if not own and any(_file(module) in sources for sources in pinned):
            yield name, module


def _file(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or ""


def _import(names: Sequence[str]) -> str | None:
    for name in names:
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise anything
            return import_failure(name, error)
    return None
