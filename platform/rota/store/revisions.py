"""Revisions: every configuration that was ever applied.

One of ten thousand jobs is a document of five megabytes, and an edit changes one of them. So a revision is stored as
what differs from the one before where its writer knows that, and whole where not, or where `WHOLE_EVERY` says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import asdict
from sqlalchemy import func, insert, select

from rota.model.definition import Configuration
from rota.model.errors import RevisionNotFound
from rota.model.revision import Origin, Renaming, Revision
from rota.store.columns import as_written
from rota.store.connection import Transaction
from rota.store.tables import revision

WHOLE_EVERY = 50
"""At the latest every so many revisions one is whole: reading one never takes more rows."""


def write(
    tx: Transaction,
    new: Configuration,
    *,
    number: int,
    by: str,
    now: datetime,
    summary: Mapping[str, int],
    renames: Mapping[str, str],
    origin: Origin,
    differing: AbstractSet[str] | None = None,
) -> None:
    """Write revision `number`. `differing` names the jobs that may differ from the one before; nothing else does.

    `renames` leads from the old to the new name of each definition that got one.
    """
    is_whole = differing is None or number % WHOLE_EVERY == 1
    tx.execute(
        insert(revision).values(
            configuration=new.name,
            number=number,
            digest=new.digest,
            applied_at=now,
            applied_by=by,
            source=new.source,
            base=None if is_whole else number - 1,
            document=as_written(new.text) if is_whole else _difference(new, differing or ()),
            summary=dict(summary),
            renames=dict(renames),
            **asdict(origin),
        )
    )


def _difference(new: Configuration, names: Collection[str]) -> dict[str, Any]:
    """The jobs of these names as they are now; None for one that is gone."""
    found = {name: new.by_name.get(name) for name in names}
    return {"jobs": {name: each.document if each else None for name, each in found.items()}}


def _changed(document: dict[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    """The document after a difference. Both stay as they are."""
    jobs = {**document["jobs"], **difference["jobs"]}
    return {**document, "jobs": {name: body for name, body in jobs.items() if body is not None}}


_FACTS = [each for each in revision.c if each.name not in {"renames", "base", "document"}]
_ORIGIN = ("commit", "clean", "restores")


def newest(tx: Transaction, configuration: str | None, limit: int) -> list[Revision]:
    """The revisions of a configuration, or of all, newest first."""
    query = select(*_FACTS).order_by(revision.c.applied_at.desc(), revision.c.configuration, revision.c.number.desc())
    if configuration is not None:
        query = query.where(revision.c.configuration == configuration)
    return [_revision(row) for row in tx.execute(query.limit(limit)).mappings()]


def document(tx: Transaction, configuration: str, number: int) -> dict[str, Any]:
    """The document that revision `number` applied. Raises `RevisionNotFound`."""
    last = None
    for last in _documents(tx, configuration, number, number):  # noqa: B007 -- the last one is meant
        pass
    if last is None or last.number != number:
        raise RevisionNotFound(configuration, number)
    return last.document


def renamings_after(tx: Transaction, configuration: str, number: int, last: int | None = None) -> Iterator[Renaming]:
    """What the revisions after `number`, up to `last` or the newest, did to names: oldest first, one at a time."""
    for each in _documents(tx, configuration, number + 1, last):
        if each.number > number:
            yield Renaming(each.renames, each.document["jobs"].keys())


class _Documented(NamedTuple):
    number: int
    renames: dict[str, str]
    document: dict[str, Any]


def _documents(tx: Transaction, configuration: str, first: int, last: int | None = None) -> Iterator[_Documented]:
    """What was applied from the whole one that `first` goes back to, or itself, up to `last` or the newest."""
    of_it = revision.c.configuration == configuration
    whole = select(func.max(revision.c.number)).where(of_it, revision.c.base.is_(None), revision.c.number <= first)
    query = select(revision.c.number, revision.c.renames, revision.c.base, revision.c.document).where(
        of_it, revision.c.number >= whole.scalar_subquery()
    )
    if last is not None:
        query = query.where(revision.c.number <= last)
    found: dict[str, Any] = {}
    for row in tx.execute(query.order_by(revision.c.number)):
        found = row.document if row.base is None else _changed(found, row.document)
        yield _Documented(row.number, row.renames, found)


def _revision(row: Any) -> Revision:
    facts = {name: value for name, value in row.items() if name not in _ORIGIN}
    return Revision(**facts, origin=Origin(**{name: row[name] for name in _ORIGIN}))
