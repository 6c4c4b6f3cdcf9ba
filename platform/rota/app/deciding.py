"""How a start is decided: by what is known, which its transaction confirms, or else by what is in force now.

Every way to start background jobs goes through here. Neither who the user is nor what is configured is asked for before
a start: that would be exchanges with the server of which nearly all bring nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rota.app import rights
from rota.app.context import Context
from rota.app.methods import Known, Methods
from rota.model.acts import Act
from rota.model.errors import DatabaseUnavailable, RotaError
from rota.store import Store, Transaction, grounds
from rota.store.enlisting import CallersConnection, enlisted
from rota.store.grounds import Grounds

_TRIES = 10
"""How often a start is decided anew before it is given up."""


class Outdated(DatabaseUnavailable):
    """The grounds of a start do not hold any more. Nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "the user's rights or the configurations changed all the time while a job was to be started,"
            " or the transaction that it was to be a part of does not see how they are now"
        )


Ready = TypeVar("Ready")
Result = TypeVar("Result")


def decide(
    context: Context, methods: Methods, act: Act, prepare: Callable[[Known], Ready], store: Callable[[Ready], Result]
) -> Result:
    """Prepare a start and store it; once more with what is in force now, where that is not what was known.

    `store` raises `Outdated` where the grounds do not hold. What `prepare` refuses is refused by what is in force now.
    """
    known = methods.known()
    for _ in range(_TRIES):
        try:
            ready = prepare(known)
        except RotaError:
            before, known = known, _now(context, methods, act)
            if known.revisions == before.revisions:
                raise
            continue
        try:
            return store(ready)
        except Outdated:
            known = _now(context, methods, act)
    raise Outdated


def _now(context: Context, methods: Methods, act: Act) -> Known:
    """What is in force now. Raises what refuses the user, if anything does."""
    rights.require(context, act, fresh=True)
    return methods.current()


@contextmanager
def holding(store: Store, given: Grounds, connection: CallersConnection | None = None) -> Iterator[Transaction]:
    """A transaction in which the grounds `given` hold: our own, or a part of the caller's that is undone when it fails.

    Raises `Outdated`.
    """
    with store.write() if connection is None else enlisted(store, connection) as tx:
        if not grounds.hold(tx, given):
            raise Outdated
        yield tx
