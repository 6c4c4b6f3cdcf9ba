"""What happens while an engine runs, line by line on stderr."""

from __future__ import annotations

from rota.app.logs import line_of
from rota.cli import output
from rota.model.event import Event

_LOUD = {"warn", "bad"}


class LiveLines:
    """A subscriber of the engine's events that writes a line for each. `quiet` keeps only what is out of order."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def tell(self, event: Event) -> None:
        line = line_of(event)
        if line is None or (self._quiet and line.tone not in _LOUD):
            return
        output.line(line)
