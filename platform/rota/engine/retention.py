"""Retention: removes finished background jobs beyond the age and the number that their configuration keeps."""

from __future__ import annotations

from datetime import timedelta

from rota.engine.directory import Directory
from rota.model.definition import Retention as Policy
from rota.model.event import Announce, Event, Name
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, audit, locks, missed_notes, nodes
from rota.store.retention import remove_finished, remove_records_of_children

EVERY = timedelta(minutes=1)
BATCH = 500
NOTES_KEPT = timedelta(days=30)
"""How long missed occurrences, ended nodes, past locks and the audit log's acts on background jobs are kept."""

AUDIT_KEPT = timedelta(days=365)
"""How long all other acts are kept."""


class Retention:
    """Removes in small transactions, so that nobody waits for long behind it."""

    def __init__(self, store: Store, clock: Clock, *, directory: Directory, tell: Announce) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._tell = tell

    def run_once(self) -> Pass:
        """Remove what each configuration keeps no longer, a batch of each; again at once where a batch was full."""
        policies: dict[str | None, Policy] = {
            name: each.retention for name, each in self._directory.configurations().items()
        }
        policies[None] = Policy()
        removed = {name: self._remove(name, policy) for name, policy in policies.items()}
        acts = self._forget_notes()
        count = sum(removed.values())
        if count:
            self._tell(Event(Name.JOBS_REMOVED, self._clock.now(), {"count": count}))
        again = acts == BATCH or any(number == BATCH for number in removed.values())
        return Pass({"removed": count}, self._clock.now() + EVERY, again=again)

    def _remove(self, configuration: str | None, policy: Policy) -> int:
        before = self._clock.now() - timedelta(seconds=policy.age)
        with self._store.write() as tx:
            remove_records_of_children(tx, configuration, before=before, now=self._clock.now())
            return remove_finished(tx, configuration, before=before, keep=policy.count, limit=BATCH)

    def _forget_notes(self) -> int:
        """Returns how many acts of the audit log went."""
        now = self._clock.now()
        cutoff = now - NOTES_KEPT
        with self._store.write() as tx:
            missed_notes.forget_before(tx, cutoff)
            nodes.forget_before(tx, cutoff)
            locks.forget_before(tx, cutoff)
            audit.forget_before(tx, now - AUDIT_KEPT, of_jobs=False, limit=BATCH)
            return audit.forget_before(tx, cutoff, of_jobs=True, limit=BATCH)
