"""The files that a reloader follows: how they are, how long they have been so, and when to look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rota.app.stillness import Stillness
from rota.configuration.mounts import is_silent
from rota.configuration.survey import Survey, survey
from rota.configuration.watch import Watch
from rota.runtime.clock import Clock

EVERY = 5.0
"""Seconds between looks where events come: one may be lost."""

EVERY_WITHOUT_EVENTS = 0.5
"""The same where none come."""

MOST_CODE = 32 * 1024 * 1024
"""Bytes of sources that are pinned; a tree of more is run as it is in its files."""


class Followed:
    """Configurations, and the code in the folders of an import path; `on_change` is called when it is time to look.

    With `poll` no events are waited for; where the file system gives none, or too many folders would have to be
    watched, that is found out.
    """

    def __init__(self, paths: Sequence[Path], clock: Clock, on_change: Callable[[], None], *, poll: bool) -> None:
        self.import_path: tuple[str, ...] = ()
        self.stillness = Stillness(clock)
        self.has_events = False
        self._paths = paths
        self._poll = poll
        self._on_change = on_change
        self._watch = Watch(self._note_change)
        self._latest = Survey()
        self._told = False

    @property
    def every(self) -> float:
        """Seconds until the next look, whatever happens."""
        return EVERY if self.has_events else EVERY_WITHOUT_EVENTS

    @property
    def is_told(self) -> bool:
        """Whether an event came since the last look."""
        return self._told

    def look(self) -> Survey:
        """How the files are, once they are still. From now on, events tell of what changes."""
        told, self._told = self._told, False
        self.stillness.wait()
        seen = self._survey()
        while seen != self._latest and not told:  # it may have changed in this very moment
            self._latest = seen
            self.stillness.note_change()
            self.stillness.wait()
            seen = self._survey()
        self._latest = seen
        return seen

    def sources(self, seen: Survey) -> Mapping[str, bytes] | None:
        """What the files of the code say; None if they are not as they were `seen` any more."""
        size = sum(signature[2] for signature in seen.code.values() if signature)
        sources = {} if size > MOST_CODE else _read(seen.code)
        return sources if survey([], self.import_path).code == seen.code else None

    def close(self) -> None:
        self.stillness.end()
        self._watch.close()

    def _survey(self) -> Survey:
        """What is there, looked at after everything in it is watched."""
        seen = survey(self._paths, self.import_path)
        if not self._poll and self._watch.needs(seen.folders):
            self.has_events = self._watch.follow(seen.folders) and not any(map(is_silent, seen.folders))
            seen = survey(self._paths, self.import_path)
        return seen

    def _note_change(self) -> None:
        self._told = True
        self.stillness.note_change()
        self._on_change()


def _read(files: Mapping[str, object]) -> dict[str, bytes]:
    sources = {}
    for file in files:
        try:
            sources[file] = Path(file).read_bytes()
        except OSError:  # it is gone, or a link to nowhere: whoever imports it will hear
            continue
    return sources
