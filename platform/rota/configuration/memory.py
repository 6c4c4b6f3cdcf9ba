"""What a loader found out about documents, kept as long as their files stay what they are. Used by load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rota.configuration.document import Document

Answer = TypeVar("Answer")


class Memory:
    """Answers by document and subject. A file that changed is another document, of which nothing is known."""

    def __init__(self) -> None:
        self._before: dict[tuple[Document, str], tuple[Any, Any]] = {}
        self._now: dict[tuple[Document, str], tuple[Any, Any]] = {}

    def begin(self) -> None:
        """Another load begins: what the one before did not ask for is forgotten."""
        self._before, self._now = self._now, {}

    def recall(self, document: Document, subject: str, find: Callable[[], Answer], *, given: Any = None) -> Answer:
        """The answer that `find` gives; kept unless what it was `given` from outside the document is another."""
        if not self.knows(document, subject, given=given):
            self._now[document, subject] = (given, find())
        answer: Answer = self._now[document, subject][1]
        return answer

    def knows(self, document: Document, subject: str, *, given: Any = None) -> bool:
        """Whether the answer is known already."""
        key = (document, subject)
        known = self._now.get(key) or self._before.get(key)
        if known is None or known[0] != given:
            return False
        self._now[key] = known
        return True
