"""Locks: what keeps jobs from starting while somebody works on them.

Whoever starts jobs shares the rows of the locks that would stop it, whoever takes a lock changes its row: on PostgreSQL
one waits for the other, on SQLite the write lock sees to it. So a lock that was taken is a lock that everybody heeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from rota.model.errors import Locked
from rota.model.lock import Lock, LockName
from rota.store.connection import Transaction
from rota.store.tables import lock, lock_past

CONFIGURATION = "configuration"
"""Held by an update while it changes definitions, and shared by every scheduler pass. Its row always exists."""


def hold_configuration(tx: Transaction) -> None:
    """Wait for every scheduler pass to end and keep new ones out until the transaction ends.

    SQLite's write lock does that by itself.
    """
    tx.execute(select(lock.c.name).where(lock.c.name == CONFIGURATION).with_for_update())


def share_configuration(tx: Transaction) -> None:
    """Wait for an update in progress, and keep new ones out until the transaction ends."""
    tx.execute(select(lock.c.name).where(lock.c.name == CONFIGURATION).with_for_update(read=True))


# What the engine asks


def held(tx: Transaction, now: datetime, names: Sequence[LockName] = tuple(LockName)) -> list[Lock]:
    """Those of the locks that are held, in the order of their names."""
    return _held(tx, now, names, share=False)


def share(tx: Transaction, now: datetime, names: Sequence[LockName] = tuple(LockName)) -> list[Lock]:
    """The same, and nobody takes one of them until the transaction ends."""
    return _held(tx, now, names, share=True)


def share_all(tx: Transaction, now: datetime) -> list[Lock]:
    """`share` and `share_configuration` in one question, for the scheduler, which asks for both in every pass.

    The configuration's row is the first of them by name, and so is waited for before the others are looked at.
    """
    return _held(tx, now, (CONFIGURATION, *LockName), share=True)


def _held(tx: Transaction, now: datetime, names: Sequence[str], *, share: bool) -> list[Lock]:
    # What is not held is shared as well: it must not be taken before the transaction has ended.
    query = select(lock).where(lock.c.name.in_([str(name) for name in names])).order_by(lock.c.name)
    rows = tx.execute(query.with_for_update(read=True) if share else query).mappings()
    return [each for each in map(_lock, rows) if each is not None and each.is_held(now)]


def _lock(row: Any) -> Lock | None:
    if row["holder"] is None:
        return None
    return Lock(**{**row, "name": LockName(row["name"]), "reason": row["reason"] or ""})


def covering(tx: Transaction, first: datetime) -> list[Lock]:
    """The locks that are held, and those that were at `first` or later, newest first; `until` is when each ended."""
    now = [each for row in tx.execute(select(lock)).mappings() if (each := _lock_or_none(row)) is not None]
    past = tx.execute(select(lock_past).where(lock_past.c.ended_at >= first)).mappings()
    before = [
        Lock(
            name=LockName(row["name"]),
            holder=row["holder"],
            reason=row["reason"],
            since=row["since"],
            until=row["ended_at"],
        )
        for row in past
    ]
    return sorted([*now, *before], key=lambda each: each.since, reverse=True)


def _lock_or_none(row: Any) -> Lock | None:
    return None if row["name"] == CONFIGURATION else _lock(row)


# Taking and freeing


def take(tx: Transaction, new: Lock, now: datetime) -> None:
    """Take a lock. Raises `Locked` where it is held, by whomever."""
    row = tx.execute(select(lock).where(lock.c.name == new.name).with_for_update()).mappings().one()
    before = _lock(row)
    if before is not None and before.is_held(now):
        raise Locked(before)
    if before is not None:
        _keep(tx, before, before.until or now)
    tx.execute(
        update(lock)
        .where(lock.c.name == new.name)
        .values(
            holder=new.holder,
            reason=new.reason,
            since=new.since,
            until=new.until,
            owner=new.owner,
            beat=0,
            seen_at=new.seen_at,
            lease=new.lease,
        )
    )


def free(tx: Transaction, name: LockName, now: datetime, *, owner: str | None = None) -> Lock | None:
    """Free a lock; with `owner` only while it is theirs. Returns what was held; None: nothing that could be freed."""
    row = tx.execute(select(lock).where(lock.c.name == name).with_for_update()).mappings().one()
    before = _lock(row)
    if before is None or not before.is_held(now) or (owner is not None and before.owner != owner):
        return None
    _end(tx, before, now)
    return before


def beat(tx: Transaction, name: LockName, owner: str, now: datetime) -> bool:
    """Say that the holder lives. False: the lock is no longer theirs."""
    mine = (lock.c.name == name, lock.c.owner == owner, or_(lock.c.until.is_(None), lock.c.until > now))
    return tx.execute(update(lock).where(*mine).values(beat=lock.c.beat + 1, seen_at=now)).rowcount == 1


def free_of_dead(tx: Transaction, seen: Lock, now: datetime) -> bool:
    """Free a lock whose holder's counter still stands where it was seen. False: it moved, or somebody was quicker."""
    row = tx.execute(select(lock).where(lock.c.name == seen.name).with_for_update()).mappings().one()
    before = _lock(row)
    if before is None or (before.owner, before.beat) != (seen.owner, seen.beat):
        return False
    _end(tx, before, now)
    return True


def _end(tx: Transaction, before: Lock, now: datetime) -> None:
    _keep(tx, before, now)
    emptied = {each.name: None for each in lock.c if each.nullable}
    tx.execute(update(lock).where(lock.c.name == before.name).values(beat=0, **emptied))


def _keep(tx: Transaction, before: Lock, ended_at: datetime) -> None:
    """Remember a lock that has ended: what was missed under it was missed because of it."""
    facts = {"name": before.name, "holder": before.holder, "reason": before.reason, "since": before.since}
    tx.execute(insert(lock_past).values(**facts, ended_at=ended_at))


def forget_before(tx: Transaction, cutoff: datetime) -> None:
    tx.execute(delete(lock_past).where(lock_past.c.ended_at < cutoff))
