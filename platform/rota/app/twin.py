"""Asynchronous twins of the Python interface: the same names and arguments, each call carried out in a thread.

A twin is made from the class itself, so that what is added there is here as well. Plain methods become coroutines,
those that return an iterator asynchronous iterators, context managers asynchronous ones; properties stay.

Whoever is cancelled while waiting goes on at once, and the thread stops waiting soon after. A call that changes
something is carried out to its end all the same.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from functools import partial, wraps
from typing import Any, ClassVar, Generic, TypeVar

from rota.runtime.stopping import Abandonment, abandoned_by

Sync = TypeVar("Sync")

MOST_THREADS = 64
"""How many calls of one client are carried out at once. Threads are started as they are needed."""

MOST_WAITS = 1000
"""How many of those beside them that end only when something happens elsewhere."""

WAITS = frozenset({"wait", "follow", "remove", "hold", "engine", "process_jobs"})
"""Their names. With threads of their own they keep no other call waiting, such as the cancel that would end them."""


class Caller:
    """The threads of one client."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="rota-client")
        self._waits = ThreadPoolExecutor(MOST_WAITS, thread_name_prefix="rota-wait")

    async def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call `function` in a thread. A cancellation ends its waiting for others, and nothing else."""
        return await self._in(self._threads, function, *arguments, **named)

    def of(self, function: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
        """The way to call this function, and what it makes: as `call`, or in the threads of those that wait."""
        return partial(self._in, self._waits if function.__name__ in WAITS else self._threads)

    async def _in(
        self, threads: ThreadPoolExecutor, function: Callable[..., Any], *arguments: Any, **named: Any
    ) -> Any:
        abandonment = Abandonment()
        context = contextvars.copy_context()
        context.run(abandoned_by.set, abandonment)
        work = partial(context.run, partial(function, *arguments, **named))
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except asyncio.CancelledError:
            abandonment.abandon()
            raise

    def close(self) -> None:
        """Let calls in progress end by themselves."""
        self._threads.shutdown(wait=False)
        self._waits.shutdown(wait=False)


class Twin(Generic[Sync]):
    """The base of all twins."""

    _twins: ClassVar[dict[type, type[Twin[Any]]]] = {}
    """The twin of each class that has one."""

    def __init_subclass__(cls, of: type) -> None:
        """Give `cls` an asynchronous method for every public one of `of` that it does not have."""
        cls._twins[of] = cls
        for name, function in inspect.getmembers(of, inspect.isfunction):
            if not name.startswith("_") and name not in vars(cls):
                setattr(cls, name, asynchronous(function))

    def __init__(self, original: Sync, caller: Caller) -> None:
        self._original = original
        self._caller = caller

    def __getattr__(self, name: str) -> Any:
        """A property or attribute of the original; what a thread must do is a method of the twin."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self._twin(getattr(self._original, name))

    def __repr__(self) -> str:
        return f"<asynchronous {self._original!r}>"

    def _twin(self, value: Any) -> Any:
        """The twin of what a call returned."""
        kind = self._twins.get(type(value))
        if kind is not None:
            return kind(value, self._caller)
        if type(value) in {list, tuple}:
            return type(value)(self._twin(each) for each in value)
        return value


def _plain(value: Any) -> Any:
    """The original of an argument."""
    if isinstance(value, Twin):
        return value._original  # noqa: SLF001 -- one's own kind
    if type(value) in {list, tuple}:
        return type(value)(_plain(each) for each in value)
    return value


def _arguments(arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    return [_plain(each) for each in arguments], {name: _plain(each) for name, each in named.items()}


def asynchronous(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a twin for a method of the original."""
    if inspect.isgeneratorfunction(inspect.unwrap(function)) and not inspect.isgeneratorfunction(function):
        return _context_manager(function)
    returns = str(inspect.signature(function).return_annotation)
    if inspect.isgeneratorfunction(function) or returns.startswith("Iterator"):
        return _iterator(function)

    @wraps(function)
    async def call(self: Twin[Any], *arguments: Any, **named: Any) -> Any:
        given, by_name = _arguments(arguments, named)
        value = await self._caller.of(function)(function, self._original, *given, **by_name)
        # What changes the original and returns it returns the same twin.
        return self if value is self._original else self._twin(value)

    return call


def _iterator(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    async def iterate(self: Twin[Any], *arguments: Any, **named: Any) -> AsyncIterator[Any]:
        given, by_name = _arguments(arguments, named)
        call = self._caller.of(function)
        values: Iterator[Any] = await call(function, self._original, *given, **by_name)
        end = object()
        try:
            while (value := await call(next, values, end)) is not end:
                yield self._twin(value)
        finally:
            if inspect.isgenerator(values) and not values.gi_running:
                await asyncio.shield(call(values.close))

    return iterate


def _context_manager(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def enter(self: Twin[Any], *arguments: Any, **named: Any) -> AbstractAsyncContextManager[Any]:
        given, by_name = _arguments(arguments, named)
        return _entered(self, self._caller.of(function), function(self._original, *given, **by_name))

    return enter


@asynccontextmanager
async def _entered(
    twin: Twin[Any], call: Callable[..., Coroutine[Any, Any, Any]], manager: AbstractContextManager[Any]
) -> AsyncIterator[Any]:
    value = await call(manager.__enter__)
    try:
        yield twin._twin(value)  # noqa: SLF001 -- one's own kind
    except BaseException as error:
        # Also a cancellation: what was entered is left in any case, and to the end.
        if not await asyncio.shield(call(manager.__exit__, type(error), error, error.__traceback__)):
            raise
    else:
        await asyncio.shield(call(manager.__exit__, None, None, None))
