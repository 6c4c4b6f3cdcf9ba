"""File events: the one door to watchdog. An event only says that it is time to look; used by the reloader."""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from rota.configuration.discover import SUFFIXES
from rota.configuration.survey import CODE_SUFFIX

MOST_FOLDERS = 100
"""Each folder with events costs a thread; a tree of more is looked at again and again instead."""

_READING = {"opened", "closed_no_write"}
_NAMING = {"created", "deleted", "moved"}
_COUNTING = (*SUFFIXES, CODE_SUFFIX)


class Watch:
    """Calls `on_event`, in a thread of its own, when something that may count happens in one of its folders."""

    def __init__(self, on_event: Callable[[], None]) -> None:
        self._on_event = on_event
        self._observer: Any = None
        self._folders: AbstractSet[str] = frozenset()
        self._is_stale = False

    def needs(self, folders: AbstractSet[str]) -> bool:
        """Whether events of these folders do not come yet, or one of them was moved or made anew."""
        return self._is_stale or folders != self._folders

    def follow(self, folders: AbstractSet[str]) -> bool:
        """Have events of these folders, and of no others; returns whether they come from all of them."""
        self.close()
        self._folders, self._is_stale = frozenset(folders), False
        if len(folders) > MOST_FOLDERS:
            return False
        try:
            self._observer = self._observe(folders)
        except OSError:  # no more watches to be had, or a folder that has just gone
            self._is_stale = True
            return False
        return True

    def close(self) -> None:
        """No more events."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()

    def _observe(self, folders: AbstractSet[str]) -> Any:
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer

        # What it has to say, of threads that were stopped or of events that were lost, looking again and again makes
        # good; and where events are written as JSON, no other line may come between.
        logging.getLogger("watchdog").setLevel(logging.CRITICAL)
        handler = FileSystemEventHandler()
        handler.on_any_event = self._take  # type: ignore[method-assign]
        observer = Observer()
        observer.start()
        try:
            for folder in folders:
                observer.schedule(handler, folder, recursive=False)
        except BaseException:
            observer.stop()
            observer.join()
            raise
        return observer

    def _take(self, event: Any) -> None:
        kind = event.event_type
        if kind in _READING:
            return
        if event.is_directory and kind in _NAMING:
            self._is_stale = True  # it may be one of ours
        if kind in _NAMING or any(str(path).endswith(_COUNTING) for path in (event.src_path, event.dest_path)):
            self._on_event()
