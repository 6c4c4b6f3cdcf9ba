"""Revisions: every configuration that was ever applied, whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from rota.model.definition import Configuration
from rota.model.errors import RevisionNotFound
from rota.model.revision import Origin, Revision
from rota.store.columns import as_written
from rota.store.connection import Transaction
from rota.store.tables import revision


def write(
    tx: Transaction,
    new: Configuration,
    *,
    number: int,
    by: str,
    now: datetime,
    summary: Mapping[str, int],
    origin: Origin,
) -> None:
    tx.execute(
        insert(revision).values(
            configuration=new.name,
            number=number,
            digest=new.digest,
            applied_at=now,
            applied_by=by,
            source=new.source,
            document=as_written(new.text) if new.text else new.document,
            summary=dict(summary),
            **asdict(origin),
        )
    )


_FACTS = [each for each in revision.c if each.name != "document"]
_ORIGIN = ("commit", "clean", "restores")


def newest(tx: Transaction, configuration: str | None, limit: int) -> list[Revision]:
    """The revisions of a configuration, or of all, newest first."""
    query = select(*_FACTS).order_by(revision.c.applied_at.desc(), revision.c.configuration, revision.c.number.desc())
    if configuration is not None:
        query = query.where(revision.c.configuration == configuration)
    return [_revision(row) for row in tx.execute(query.limit(limit)).mappings()]


def document(tx: Transaction, configuration: str, number: int) -> dict[str, Any]:
    """The document that revision `number` applied. Raises `RevisionNotFound`."""
    of_it = (revision.c.configuration == configuration, revision.c.number == number)
    found: dict[str, Any] | None = tx.execute(select(revision.c.document).where(*of_it)).scalar()
    if found is None:
        raise RevisionNotFound(configuration, number)
    return found


def documents_after(tx: Transaction, configuration: str, number: int) -> Iterator[dict[str, Any]]:
    """The documents of the later revisions, oldest first, one at a time."""
    query = (
        select(revision.c.document)
        .where(revision.c.configuration == configuration, revision.c.number > number)
        .order_by(revision.c.number)
    )
    yield from tx.execute(query).scalars()


def _revision(row: Any) -> Revision:
    facts = {name: value for name, value in row.items() if name not in _ORIGIN}
    return Revision(**facts, origin=Origin(**{name: row[name] for name in _ORIGIN}))
