"""Notifications of PostgreSQL: words on channels, on a connection of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rota.model.errors import DatabaseUnavailable
from rota.runtime.stopping import stop_if_abandoned
from rota.store.connection import Store


class Words:
    """Listens to `channels`, and says things there or elsewhere. The connection is made anew when it breaks."""

    def __init__(self, store: Store, channels: Sequence[str] = ()) -> None:
        self._store = store
        self._channels = tuple(channels)
        self._connection: Any = None

    def hear(self, seconds: float) -> set[tuple[str, str]]:
        """Wait up to `seconds`; returns (channel, payload) of what came.

        The first time, and after the connection broke, something comes from every channel: what was said before is
        unknown. Raises `DatabaseUnavailable`.
        """
        stop_if_abandoned()
        with self._in_our_words():
            if self._connection is None:
                self._connection = self._connect()
                return {(channel, "") for channel in self._channels}
            return {(word.channel, word.payload) for word in self._connection.notifies(timeout=seconds, stop_after=1)}

    def say(self, channel: str) -> None:
        """Wake whoever listens to that channel. Raises `DatabaseUnavailable`."""
        with self._in_our_words():
            if self._connection is None:
                self._connection = self._connect()
            self._connection.execute(f"NOTIFY {channel}")

    def _connect(self) -> Any:
        connection = self._store.raw_connection()
        connection.autocommit = True
        connection.execute("SET synchronous_commit = off")  # a hint need not survive a power cut
        for channel in self._channels:
            connection.execute(f"LISTEN {channel}")
        return connection

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            self.close()
            raise DatabaseUnavailable(f"database {self._store.url}: {' '.join(str(error).split())}") from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
