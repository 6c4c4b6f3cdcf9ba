"""Mapping a method over items: one job that is running until its children, one for each item, have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rota.app import background
from rota.app.background import Start
from rota.app.context import Context
from rota.app.methods import Methods
from rota.model.background_job import NewJob
from rota.model.errors import BadParameters, KeyInUse, UsageError
from rota.model.ids import new_id
from rota.model.retry import RetryPolicy
from rota.store import background_jobs, children
from rota.store.wakeups import wake_engines

PARALLEL = 32
"""How many children of a map run at once, where nobody says otherwise."""


def start_map(
    context: Context, methods: Methods, method: str, items: Sequence[Any], how: Start, *, parallel: int = PARALLEL
) -> str:
    """Start `method` once for each of `items`, `parallel` at a time; returns the id of the job that spans them.

    Either all are stored or none. An item that is no mapping and no list is the method's only parameter. The key is
    that of the whole. Raises `BadParameters` naming the first item that does not fit, `KeyInUse` and `UsageError`.
    """
    if parallel < 1:
        raise UsageError(f"parallel is at least 1, not {parallel}")
    made = [_child(context, methods, method, each, how, number=number) for number, each in enumerate(items)]
    home = methods.home(method)
    whole = NewJob(
        id=new_id(),
        method=method,
        name=how.name or method.rpartition(":")[2],
        parameters={"items": len(made), "parallel": parallel},
        key=how.key,
        key_scope=method,
        user=context.user,
        executor=how.executor,
        retry=RetryPolicy(),
        due_at=context.now(),
        created_at=context.now(),
        configuration=home.name,
    )
    pool = home.pool_of(how.executor)
    with context.store.write() as tx:
        if not background_jobs.insert_jobs(tx, [whole], {whole.id: pool}):
            raise KeyInUse(how.key or "", background_jobs.key_holder(tx, method, how.key or "") or "")
        if made:
            background_jobs.insert_jobs(tx, made, {child.id: pool for child in made})
        children.begin_map(tx, whole.id, [child.id for child in made], parallel, context.now())
        wake_engines(tx)
    return whole.id


def _child(context: Context, methods: Methods, method: str, item: Any, how: Start, *, number: int) -> NewJob:
    parameters = item if isinstance(item, Mapping | list | tuple) else [item]
    name = f"{how.name or method.rpartition(':')[2]}[{number}]"
    try:
        return background.new_job(context, methods, method, parameters, replace(how, key=None, name=name))[0]
    except BadParameters as error:
        raise BadParameters(method, [f"item {number}: {problem}" for problem in error.problems]) from error
