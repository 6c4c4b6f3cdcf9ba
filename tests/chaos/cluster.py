"""Everything that runs in a chaos run: a database, its server, engines, clients, and the notes outside."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from rota.model.errors import TemporaryError
from rota.store import Transaction, nodes
from tests.chaos import notes
from tests.chaos.processes import ClientProcess, EngineProcess
from tests.chaos.workload import make_database
from tests.support.postgres import PostgresServer
from tests.support.waiting import PATIENCE, wait_for

Found = TypeVar("Found")

CLIENTS = 2


class Cluster:
    """Engines and clients on the database at `url`, with `server` behind it if it is PostgreSQL.

    There are `count` engines. `lease` is in seconds, and so are `steps`: how far ahead of the true time clocks may be.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        count: int,
        lease: float,
        steps: Sequence[int],
        seed: int,
        server: PostgresServer | None,
    ) -> None:
        self.url = url
        self.steps = steps
        self.notes = folder / "notes"
        self.lease = lease
        self.broken: list[str] = []
        """What engines and clients said that ended by themselves."""
        self._server = server
        self._folder = folder
        self._seed = seed
        self._number = 0
        notes.prepare(self.notes)
        self.store = make_database(url)
        self.kind = "sqlite" if self.store.is_sqlite else "postgresql"
        self.engines = [self._new_engine() for _ in range(count)]
        self.clients = [self._new_client() for _ in range(CLIENTS)]

    @property
    def postgresql(self) -> PostgresServer:
        assert self._server is not None, "this database has no server"
        return self._server

    def ask(self, question: Callable[[Transaction], Found]) -> Found:
        """Ask the database, as often as it takes after an outage."""

        def answer() -> list[Found]:
            try:
                with self.store.read() as tx:
                    return [question(tx)]
            except TemporaryError:
                return []

        return wait_for(answer, "the database to answer")[0]

    def tell(self, statement: str) -> Any:
        """Have the database carry out a statement of the test's own; returns what it yields first, if anything."""
        self.store.close()  # connections from before an outage are dead
        with self.store.write() as tx:
            result = tx.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else None

    def nodes_lost(self) -> int:
        """How many nodes have been found lost."""
        query = "SELECT count(*) FROM rota_node WHERE ended = 'lost'"
        return self.ask(lambda tx: int(tx.exec_driver_sql(query).scalar_one()))

    def is_node(self, engine: EngineProcess) -> bool:
        """Whether the database counts it among the nodes that run."""
        active = self.ask(nodes.active)
        return any(node.process == engine.process.pid for node in active)

    def any_place(self, choose: Random) -> int:
        return choose.randrange(len(self.engines))

    def pause(self, seconds: float) -> None:
        """Let a fault last."""
        threading.Event().wait(seconds)

    def start_engine(self, place: int) -> None:
        """Start an engine in this place, and wait until it runs."""
        self.engines[place] = self._new_engine()
        self.engines[place].started()

    def stop_engine(self, place: int) -> None:
        """Ask it to stop; one that does not end well is remembered as broken."""
        engine = self.engines[place]
        if engine.stop() != 0:
            self.broken.append(engine.log[-2000:])

    def replace_client(self, choose: Random) -> None:
        place = choose.randrange(len(self.clients))
        self.clients[place].kill()
        self.clients[place] = self._new_client()

    def replace_broken(self) -> None:
        """Remember engines and clients that ended though nobody ended them, and start others in their places."""
        for place, engine in enumerate(self.engines):
            if not engine.is_alive:
                self.broken.append(engine.log[-2000:])
                self.start_engine(place)
        for place, client in enumerate(self.clients):
            if not client.is_alive:
                self.broken.append(client.log[-2000:])
                self.clients[place] = self._new_client()

    def heal(self) -> None:
        """Set every clock right. All other faults are over when they have been struck."""
        for engine in self.engines:
            engine.order("clock 0")

    def stop_clients(self) -> None:
        for client in self.clients:
            if client.stop() not in {0, -signal.SIGTERM}:  # it may not have come as far as to listen
                self.broken.append(client.log[-2000:])

    def last_start(self) -> int:
        return notes.last_start(self.notes)

    def wait_for_start_after(self, instant: int, patience: float = PATIENCE) -> int:
        """When an execution began after `instant`; both in nanoseconds of the machine's wall clock."""
        wait_for(lambda: self.last_start() > instant, "a run to begin", patience)
        return self.last_start()

    def close(self) -> None:
        for process in (*self.engines, *self.clients):
            process.clean_up()
        self.store.close()

    def _new_engine(self) -> EngineProcess:
        return EngineProcess(self.url, self._log("engine"), self.lease, self.notes)

    def _new_client(self) -> ClientProcess:
        log = self._log("client")
        return ClientProcess(self.url, log, self.notes, f"{self._seed} {self._number}")

    def _log(self, what: str) -> Path:
        self._number += 1
        return self._folder / f"{what}-{self._number}.log"
