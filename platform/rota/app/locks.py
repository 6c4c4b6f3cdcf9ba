"""What can be done with locks: look, lock, unlock, and hold one as long as this process lives.

A lock that is held has a thread here that says so to the database; when that is silent for the length of the lease, the
engines free the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rota.app import rights
from rota.app.context import Context
from rota.model.acts import Act
from rota.model.errors import Locked, LockLost, StillRunning, TemporaryError, UsageError, WrongState
from rota.model.ids import new_id
from rota.model.lock import Lock, LockName
from rota.store import locks, outlook
from rota.store.waiters import waiter_of
from rota.store.wakeups import wake_engines

LEASE_SECONDS = 15.0
"""How long the holder of a lock may be silent before it is taken for dead."""

LONGEST_LEASE_SECONDS = 300.0

BEATS_PER_LEASE = 3

LOOK_SECONDS = 1.0
"""How often the holder of the exclusive lock looks whether jobs run still, if nobody says so."""


def select(context: Context) -> list[Lock]:
    """The locks that are held."""
    rights.require(context, Act.LOCK_SEE)
    with context.store.read() as tx:
        return locks.held(tx, context.now())


def lock(context: Context, name: str, *, reason: str, until: datetime | None = None) -> Lock:
    """Take a lock that stays until somebody frees it, or until `until`. Raises `Locked`, naming the holder.

    The exclusive lock is held by a process that lives, and is refused here.
    """
    if _name(name) is LockName.EXCLUSIVE:
        raise UsageError("the exclusive lock is held only as long as its holder lives")
    return _take(context, _new(context, name, reason, until))


def unlock(context: Context, name: str, reason: str | None = None) -> Lock:
    """Free a lock, one's own or another's; returns what was held. Raises `WrongState` where nobody holds it."""
    rights.require(context, Act.LOCK_FREE)
    freed = _free(context, _name(name), reason=reason)
    if freed is None:
        raise WrongState(f"nobody holds the lock {name!r}")
    return freed


class Held:
    """A lock that this process holds. `lost` is set once it holds it no more."""

    def __init__(self, context: Context, held: Lock) -> None:
        self._context = context
        self.lock = held
        self.lost = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat_until_ended, name=f"rota-lock-{held.name}", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise `LockLost` if the lock is held no more: for long work, between its steps."""
        if not self.lost.is_set() and not self._beat():
            self.lost.set()
        if self.lost.is_set():
            raise LockLost(str(self.lock.name))

    def _beat_until_ended(self) -> None:
        pause = (self.lock.lease or LEASE_SECONDS) / BEATS_PER_LEASE
        while not self._ended.wait(pause):
            try:
                if not self._beat():
                    self.lost.set()
                    return
            except TemporaryError:
                continue  # a database that is away frees no locks either; the next beat tells

    def _beat(self) -> bool:
        owner = self.lock.owner or ""
        with self._context.store.write() as tx:
            return locks.beat(tx, self.lock.name, owner, self._context.now())

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


@contextmanager
def hold(
    context: Context,
    name: str,
    *,
    reason: str,
    until: datetime | None = None,
    timeout: float | None = None,
    lease: float = LEASE_SECONDS,
) -> Iterator[Held]:
    """Hold a lock while inside; it is freed at the end, at `until`, and when this process dies.

    The exclusive lock is had once no job runs: raises `StillRunning` when that takes longer than `timeout` seconds.
    Raises `Locked`, naming the holder, and at the end `LockLost` where it was not held all the time. `lease` is in
    seconds.
    """
    if not 0 < lease <= LONGEST_LEASE_SECONDS:
        raise UsageError(f"a lease lasts at most {LONGEST_LEASE_SECONDS:g} seconds, not {lease:g}")
    new = _new(context, name, reason, until, lease)
    try:
        held = Held(context, _take(context, new))
        try:
            if new.name is LockName.EXCLUSIVE:
                _wait_until_none_runs(context, held, timeout)
            yield held
        finally:
            held.stop()
    finally:
        # Also of what was not had, as far as is known here: a signal may end this right behind the commit that took it.
        freed = _free(context, new.name, owner=new.owner)
    if freed is None:
        raise LockLost(str(new.name))


def _wait_until_none_runs(context: Context, held: Held, timeout: float | None) -> None:
    end = None if timeout is None else context.clock.monotonic() + timeout
    waiter = waiter_of(context.store)
    try:
        while running := _running(context):
            if held.lost.is_set():
                raise LockLost(str(held.lock.name))
            now = context.clock.monotonic()
            if end is not None and timeout is not None and now >= end:
                raise StillRunning(running, timeout)
            look = now + LOOK_SECONDS
            until = look if end is None else min(look, end)
            waiter.say_waiting()
            while context.clock.monotonic() < until and not waiter.wait():
                pass
    finally:
        waiter.close()


def _running(context: Context) -> list[str]:
    """The jobs that run. Where no engine is there, none does, whatever a dead one has left behind."""
    with context.store.read() as tx:
        running = outlook.running(tx)
    return running if running and context.engine_is_active() else []


def _new(context: Context, name: str, reason: str, until: datetime | None, lease: float | None = None) -> Lock:
    rights.require(context, Act.LOCK_TAKE)
    now = context.now()
    if not reason.strip():
        raise UsageError("a lock needs a reason: others will want to know")
    if until is not None and until.tzinfo is None:
        raise UsageError("until needs a time zone")
    if until is not None and until <= now:
        raise UsageError("until is over already")
    return Lock(
        name=_name(name),
        holder=context.user,
        reason=reason,
        since=now,
        until=until,
        owner=None if lease is None else new_id(),
        seen_at=None if lease is None else now,
        lease=lease,
    )


def _name(name: str) -> LockName:
    try:
        return LockName(name)
    except ValueError as error:
        raise UsageError(f"there is no lock {name!r}; there are {', '.join(LockName)}") from error


def _take(context: Context, new: Lock) -> Lock:
    try:
        return _take_now(context, new)
    except Locked as error:
        if not error.lock.seems_dead(context.now()) or context.engine_is_active():
            raise
        return _take_over(context, new, error)


def _take_now(context: Context, new: Lock) -> Lock:
    with context.store.write() as tx:
        locks.take(tx, new, context.now())
        facts = {"until": new.until and new.until.isoformat(), "living": new.owner is not None}
        rights.note(context, tx, Act.LOCK_TAKE, new.name, reason=new.reason, facts=facts)
        wake_engines(tx)
    return new


def _take_over(context: Context, new: Lock, error: Locked) -> Lock:
    """Where no engine frees the locks of the dead, whoever wants one watches its holder for the length of the lease."""
    seen = error.lock
    pause = threading.Event()
    pause.wait(seen.lease)
    with context.store.write() as tx:
        dead = locks.free_of_dead(tx, seen, context.now())
    if not dead:
        raise error
    return _take_now(context, new)


def _free(context: Context, name: LockName, *, owner: str | None = None, reason: str | None = None) -> Lock | None:
    with context.store.write() as tx:
        freed = locks.free(tx, name, context.now(), owner=owner)
        if freed is not None:
            facts = {"holder": freed.holder, "since": freed.since.isoformat()}
            rights.note(context, tx, Act.LOCK_FREE, name, reason=reason, facts=facts)
            wake_engines(tx)
    return freed
