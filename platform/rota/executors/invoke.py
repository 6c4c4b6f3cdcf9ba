"""Carry out a method in this very thread: resolve and bind, call, normalise the end to an `Outcome`.

`invoke` is shared by the thread executor and the worker process, `invoke_asynchronously` is the async executor's.
"""

from __future__ import annotations

import sys
from contextlib import aclosing, closing, suppress
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, TypeAlias

from rota.executors.failure import describe
from rota.executors.plain import to_plain
from rota.executors.scope import TOLD_TO_STOP, Scope
from rota.model.attempt import Attempt
from rota.model.errors import PermanentFailure, UnknownMethod
from rota.model.outcome import End, Outcome
from rota.model.parameters import Arguments, bind
from rota.model.record import Stream
from rota.model.values import Json
from rota.runtime.loading import Function, FunctionNotFound, is_asynchronous, load_function

Lazy: TypeAlias = "GeneratorType[Any, None, Any] | CoroutineType[Any, Any, Any] | AsyncGeneratorType[Any, None]"
Awaited: TypeAlias = "CoroutineType[Any, Any, Any] | AsyncGeneratorType[Any, None]"
_LAZY = (GeneratorType, CoroutineType, AsyncGeneratorType)
_RESULT = "the result of the method"


def invoke(scope: Scope) -> Outcome:
    """Run the attempt's method to its end, whatever that is. An exception after a cancellation means: it stopped."""
    try:
        result = _call(scope)
        if scope.transaction is not None:
            scope.transaction.commit(result)
        return Outcome(end=End.RETURNED, result=result)
    except BaseException as error:  # noqa: BLE001 - sys.exit, KeyboardInterrupt: a method may raise anything
        scope.armed = False
        if scope.transaction is not None:
            scope.transaction.roll_back()
        return Outcome(end=End.STOPPED if scope.cancelled else End.RAISED, error=describe(error))


async def invoke_asynchronously(scope: Scope) -> Outcome:
    """The same as `invoke`, as part of a task on a running event loop."""
    try:
        return Outcome(end=End.RETURNED, result=await _call_asynchronously(scope))
    except BaseException as error:  # noqa: BLE001 - as in `invoke`; and the task's cancellation
        return Outcome(end=End.STOPPED if scope.cancelled else End.RAISED, error=describe(error))


def preload(attempt: Attempt) -> None:
    """Import the attempt's module, where nothing interrupts it; what is wrong with it is found when it is prepared.

    An exception raised from outside in the middle of an import would leave half of it behind in a process that goes on.
    """
    if _must_import(attempt):
        with suppress(FunctionNotFound):
            load_function(attempt.method or "", attempt.path)


def _must_import(attempt: Attempt) -> bool:
    return attempt.method is not None and attempt.method.partition(":")[0] not in sys.modules


def prepare(attempt: Attempt) -> tuple[Function, Arguments]:
    """The attempt's function and its arguments. Raises `UnknownMethod` or `BadParameters`."""
    if attempt.method is None:
        raise UnknownMethod(str(attempt.command), "this executor runs Python methods, not commands")
    try:
        function = load_function(attempt.method, attempt.path)
    except FunctionNotFound as error:
        raise UnknownMethod(attempt.method, error.reason) from error.__cause__
    return function, bind(function, attempt.parameters, method=attempt.method)


def _call(scope: Scope) -> Json:
    """Call the method. `armed` holds exactly while user code runs: an end that was reached stays reached."""
    scope.armed = True
    scope.check_cancelled()
    function, arguments = prepare(scope.attempt)
    value = function(*arguments.args, **arguments.kwargs)
    scope.armed = False
    if isinstance(value, _LAZY):
        scope.armed = True
        value = _exhaust(value, scope)
        scope.armed = False
    return to_plain(value, _RESULT)


async def _call_asynchronously(scope: Scope) -> Json:
    import asyncio

    attempt = scope.attempt
    if _must_import(attempt):
        await asyncio.to_thread(preload, attempt)  # an import may take seconds, and the loop is everybody's
    scope.check_cancelled()
    function, arguments = prepare(attempt)
    if not is_asynchronous(function):
        raise PermanentFailure(
            f"{attempt.method} is no `async def`, and would block the event loop that all methods share"
        )
    return await _complete(function(*arguments.args, **arguments.kwargs), scope)


def _exhaust(value: Lazy, scope: Scope) -> Any:
    """Run a generator or coroutine to its end; what it yields is output."""
    if isinstance(value, GeneratorType):
        return _exhaust_generator(value, scope)
    import asyncio

    return asyncio.run(_complete(value, scope))


def _exhaust_generator(generator: GeneratorType[Any, None, Any], scope: Scope) -> Any:
    with closing(generator):
        while True:
            try:
                value = next(generator)
            except StopIteration as stop:
                return stop.value
            _emit_output(value, scope)


async def _complete(value: Awaited, scope: Scope) -> Json:
    """Run a coroutine or generator to its end, and its transaction as well: both belong to this loop."""
    try:
        result = to_plain(await _exhaust_asynchronous(value, scope), _RESULT)
        scope.armed = False
        if scope.transaction is not None:
            await scope.transaction.commit_awaited(result)
    except BaseException:
        scope.armed = False
        if scope.transaction is not None:
            await scope.transaction.roll_back_awaited()
        raise
    return result


async def _exhaust_asynchronous(value: Awaited, scope: Scope) -> Any:
    import asyncio

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs is a task

    def wake() -> None:
        with suppress(RuntimeError):  # the loop closed a moment ago: the method is over
            loop.call_soon_threadsafe(task.cancel, TOLD_TO_STOP)

    scope.on_cancel, scope.loop = wake, loop
    try:
        if scope.cancelled:
            task.cancel(TOLD_TO_STOP)
        if not isinstance(value, AsyncGeneratorType):
            return await value
        async with aclosing(value):
            async for item in value:
                _emit_output(item, scope)
    finally:
        scope.on_cancel = scope.loop = None
    return None


def _emit_output(value: Any, scope: Scope) -> None:
    scope.emit(Stream.OUTPUT, to_plain(value, "a value that the method yielded"))
