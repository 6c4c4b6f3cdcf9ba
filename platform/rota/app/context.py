"""What every action and query works with: the database, the time, and who acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from rota.model.errors import EngineNotActive
from rota.model.users import Role
from rota.runtime.clock import Clock
from rota.store import Store, nodes
from rota.store.engine_lock import EngineLock


class Seen(msgspec.Struct):
    """What was last read about the acting user, and when by the monotonic clock."""

    role: Role | None = None
    mark: float = 0.0


@dataclass(frozen=True, slots=True)
class Context:
    """`user` is who acts, and who the jobs they start run as.

    `roots` says where configurations lie, by their names, for this process: those that it read itself. Others lie where
    they were applied from.
    """

    store: Store
    clock: Clock
    user: str
    roots: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    # Not copied by `replace`: another user's role is another one.
    seen: Seen = field(default_factory=Seen, init=False, compare=False, repr=False)

    def now(self) -> datetime:
        return self.clock.now()

    def engine_is_active(self) -> bool:
        """Whether anybody runs an engine on this database."""
        if self.store.file is not None:
            return EngineLock(self.store.file).is_held()
        now = self.now()
        with self.store.read() as tx:
            return any((now - node.seen_at).total_seconds() < 2 * node.lease for node in nodes.active(tx))

    def require_engine(self) -> None:
        """Raise `EngineNotActive` where waiting for a job would never end."""
        if not self.engine_is_active():
            raise EngineNotActive("no engine is running on this database: start one with `rota run`")
