"""Mapping a method over items: one job that is running until its children, one for each item, have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from rota.app import rights
from rota.app.context import Context
from rota.app.deciding import holding
from rota.app.methods import Known
from rota.app.start_options import Start
from rota.app.starting import Starter
from rota.model.acts import Act
from rota.model.background_job import NewJob
from rota.model.errors import BadParameters, KeyInUse, UsageError
from rota.model.ids import new_id
from rota.store import children, keys, new_jobs
from rota.store.grounds import Grounds

PARALLEL = 32
"""How many children of a map run at once, where nobody says otherwise."""


def start_map(
    context: Context, starter: Starter, method: str, items: Sequence[Any], how: Start, *, parallel: int = PARALLEL
) -> str:
    """Start `method` once for each of `items`, `parallel` at a time; returns the id of the job that spans them.

    Either all are stored or none. An item that is no mapping and no list is the method's only parameter. The key is
    that of the whole. Raises `BadParameters` naming the first item that does not fit, `KeyInUse` and `UsageError`.
    """
    if parallel < 1:
        raise UsageError(f"parallel is at least 1, not {parallel}")
    return starter.decide(
        Act.JOB_START,
        lambda known: _prepare(context, starter, known, method, items, how=how, parallel=parallel),
        lambda prepared: _store(context, prepared),
    )


class _Prepared(msgspec.Struct, frozen=True):
    """A map with everything checked. `queue` is where the children, `made`, will wait."""

    whole: NewJob
    made: Sequence[NewJob]
    parallel: int
    queue: str
    grounds: Grounds


def _prepare(
    context: Context, starter: Starter, known: Known, method: str, items: Sequence[Any], *, how: Start, parallel: int
) -> _Prepared:
    name = how.name or method.rpartition(":")[2]
    home = known.home(method)
    how.require_sound(home.executors_for_methods(), f"methods in configuration {home.name}")
    made = [
        _child(starter, known, method, each, how=replace(how, key=None, name=f"{name}[{n}]"), number=n)
        for n, each in enumerate(items)
    ]
    now = context.now()
    whole = NewJob(
        id=new_id(),
        method=method,
        name=name,
        parameters={"items": len(made), "parallel": parallel},
        key=how.key,
        key_scope=method,
        user=context.user,
        executor=how.executor,
        due_at=now,
        created_at=now,
        configuration=home.name,
    )
    grounds = rights.grounds(context, Act.JOB_START, known.revisions)
    return _Prepared(whole, made, parallel, home.queue_of(how.executor), grounds)


def _store(context: Context, prepared: _Prepared) -> str:
    whole, made, queue = prepared.whole, prepared.made, prepared.queue
    with holding(context.store, prepared.grounds) as tx:
        if not new_jobs.insert_jobs(tx, [whole], {whole.id: queue}):
            raise KeyInUse(whole.key or "", keys.holder(tx, whole.key_scope, whole.key or "") or "")
        if made:
            new_jobs.insert_jobs(tx, made, {child.id: queue for child in made})
        children.begin_map(tx, whole.id, [child.id for child in made], prepared.parallel, whole.created_at)
        new_jobs.note_start(tx, rights.act_of_start(context, whole, [whole.id]), queue)
    return whole.id


def _child(starter: Starter, known: Known, method: str, item: Any, *, how: Start, number: int) -> NewJob:
    parameters = item if isinstance(item, Mapping | list | tuple) else [item]
    try:
        return starter.prepare(known, method, [parameters], how).first
    except BadParameters as error:
        raise BadParameters(method, [f"item {number}: {problem}" for problem in error.problems]) from error
