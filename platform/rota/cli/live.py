"""What happens while an engine runs, line by line on stderr.

The engine's threads only put events down; a thread of its own words them and writes all that came together at once, so
that a slow terminal holds up no job.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rota.app.logs import Line, is_out_of_order, line_of
from rota.cli import output
from rota.cli.terminal import has_colour
from rota.model.event import Event

if TYPE_CHECKING:
    from rota.plan import Plan

_SUBJECT_WIDTH = 20


class LiveLines:
    """A subscriber of the engine's events that writes a line for each.

    `quiet` keeps only what is out of order; `as_json` writes each event as a JSON object, for log collectors.
    """

    def __init__(self, *, quiet: bool, as_json: bool = False) -> None:
        self._quiet = quiet
        self._as_json = as_json
        self._colours = has_colour(sys.stderr)
        self._events: deque[Event] = deque()
        self._some = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._write_until_ended, name="rota-lines", daemon=True)
        self._second = ""
        self._second_of: datetime | None = None

    def tell(self, event: Event) -> None:
        """Put an event down. Safe from any thread."""
        if self._quiet and not is_out_of_order(event.name):
            return  # before another thread is woken to put it into words
        self._events.append(event)
        self._some.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._some.set()
        self._thread.join()

    def _write_until_ended(self) -> None:
        while not self._ended or self._events:
            self._some.wait()
            self._some.clear()
            events = [self._events.popleft() for _ in range(len(self._events))]
            texts = [text for event in events for text in self._texts(event)]
            if texts:
                output.note("\n".join(texts))

    def _text_of(self, event: Event) -> str | None:
        line = line_of(event)
        if line is None:
            return None
        return _json_of(event, line) if self._as_json else self._text(line)

    def _text(self, line: Line) -> str:
        at, subject = self._time(line.at), line.subject.ljust(_SUBJECT_WIDTH)
        text = output.hanging(line.text, len(at) + len(subject) + 4)
        if not self._colours:
            return f"{at}  {subject}  {text}"
        return f"{output.coloured(at, 'quiet')}  {subject}  {output.coloured(text, line.tone)}"

    def _texts(self, event: Event) -> Iterator[str]:
        """The event's line, and below it what a reload shows besides: its plan, or what is wrong with the files."""
        text = self._text_of(event)
        if text is None:
            return
        yield text
        if self._as_json:
            return
        plan: Plan | None = event.facts.get("plan")
        if plan is not None and not plan.is_empty:
            from rota.cli import plans

            yield from islice(plans.lines(plan, event.at, sys.stderr), 1, None)  # the event's line says the first
        for problem in event.facts.get("problems", ()):
            from rota.cli import problems

            yield from problems.lines(problem)

    def _time(self, at: datetime) -> str:
        """Local time to the second; kept, because a thousand lines may share it."""
        second = at.replace(microsecond=0)
        if second != self._second_of:
            self._second, self._second_of = f"{second.astimezone():%H:%M:%S}", second
        return self._second


def _json_of(event: Event, line: Line) -> str:
    import msgspec

    facts = {name: _plain(value) for name, value in event.facts.items() if name != "name"}
    shown = {"at": event.at, "event": str(event.name), "subject": line.subject, "text": line.text, "facts": facts}
    return msgspec.json.encode(shown, enc_hook=str).decode()


def _plain(value: object) -> object:
    """Plans say themselves how they look as data."""
    return value.to_data() if hasattr(value, "to_data") else value
