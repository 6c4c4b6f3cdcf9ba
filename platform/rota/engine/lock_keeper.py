"""The lock keeper: watches the locks, frees those whose holders died, and has the engine go on when one ends.

What a lock stops is decided where it is stopped, by the scheduler and by the claims. A holder is watched as nodes are:
by the keeper's own clock, whether its counter stands still for the length of its lease.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from rota.model.acts import Act, Audited
from rota.model.event import Announce, Event, Name
from rota.model.lock import Lock, LockName
from rota.model.users import ENGINE
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, audit, locks
from rota.store.wakeups import wake_engines

LOOKS_PER_LEASE = 3

POLL = timedelta(seconds=30)

SPACING_SECONDS = 1.0
"""How often it looks at most: it is woken by every change of the database, and few of them are about locks."""


class LockKeeper:
    """Announces locks as they come and go. `on_end` is called when one is gone."""

    def __init__(self, store: Store, clock: Clock, *, tell: Announce, on_end: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._on_end = on_end
        self._held: dict[LockName, Lock] = {}
        self._still: dict[str, tuple[int, float]] = {}
        self._looked_mark: float | None = None

    def run_once(self) -> Pass:
        """Free the locks of silent holders, and tell of those that were taken or have ended; at most once a second."""
        now, mark = self._clock.now(), self._clock.monotonic()
        if self._looked_mark is not None and mark - self._looked_mark < SPACING_SECONDS:
            return Pass({}, now + timedelta(seconds=SPACING_SECONDS - (mark - self._looked_mark)))
        self._looked_mark = mark
        with self._store.read() as tx:
            held = locks.held(tx, now)
        dead = [each for each in self._silent(held, mark) if self._free(each, now)]
        held = [each for each in held if each not in dead]
        ended = self._announce({each.name: each for each in held}, {each.name for each in dead}, now)
        if ended:
            self._on_end()
        return Pass({"held": len(held), "ended": ended, "dead": len(dead)}, _next_at(held, now))

    def _silent(self, held: list[Lock], mark: float) -> list[Lock]:
        """The locks whose holder's counter has stood still for its lease."""
        before, self._still = self._still, {}
        silent = []
        for each in held:
            if each.owner is None or each.lease is None:
                continue
            beat, since = before.get(each.owner, (each.beat, mark))
            if beat != each.beat:
                since = mark
            self._still[each.owner] = (each.beat, since)
            if mark - since >= each.lease:
                silent.append(each)
        return silent

    def _free(self, silent: Lock, now: datetime) -> bool:
        with self._store.write() as tx:
            freed = locks.free_of_dead(tx, silent, now)
            if freed:
                facts = {"holder": silent.holder, "since": silent.since.isoformat()}
                why = "its holder died, or was silent for longer than its lease"
                act = Audited(at=now, user=ENGINE, act=Act.LOCK_FREE, subject=silent.name, reason=why, facts=facts)
                audit.note(tx, act)
                wake_engines(tx)
        return freed

    def _announce(self, held: dict[LockName, Lock], dead: set[LockName], now: datetime) -> int:
        """Say what changed since the last look; returns how many locks have ended."""
        before, self._held = self._held, held
        ended = [each for name, each in before.items() if name not in held or held[name].since != each.since]
        for each in ended:
            facts = {"lock": each.name, "holder": each.holder, "dead": each.name in dead}
            self._tell(Event(Name.LOCK_ENDED, now, facts))
        for name, each in held.items():
            if name not in before or before[name].since != each.since:
                self._tell(Event(Name.LOCK_TAKEN, now, {"lock": name, "holder": each.holder, "reason": each.reason}))
        return len(ended)


def _next_at(held: list[Lock], now: datetime) -> datetime:
    looks = [now + timedelta(seconds=each.lease / LOOKS_PER_LEASE) for each in held if each.lease]
    return min([now + POLL, *looks, *(each.until for each in held if each.until)])
