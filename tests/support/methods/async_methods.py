"""The methods of `job_methods` as coroutines: what the async executor is tested with.

Those that wait are written anew, because they have to wait in another way; all others are called by a coroutine.
"""

# ruff: noqa: T201 - they behave as methods do, good or bad

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import job_methods
from job_methods import LIMIT, add_asynchronously, count_asynchronously, wait_asynchronously

from rota import current_job
from rota.model.errors import JobCancelled

__all__ = ["add_asynchronously", "count_asynchronously", "wait_asynchronously"]


def _as_coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    coroutine.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    return coroutine


for _name, _function in list(vars(job_methods).items()):
    if inspect.isfunction(_function) and not inspect.iscoroutinefunction(_function):
        globals().setdefault(_name, _as_coroutine(_function))


async def wait_willingly() -> None:
    try:
        print("ready")
        await asyncio.sleep(LIMIT)
    finally:
        print("tidied up")


wait_deafly = wait_willingly


async def wait_stubbornly() -> None:
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
        try:
            print("ready")
            await asyncio.sleep(limit - time.monotonic())
        except BaseException:  # noqa: BLE001
            print("not now")


async def look_and_return() -> str:
    try:
        print("ready")
        while not current_job.cancelled:
            await asyncio.sleep(0.01)
    except (JobCancelled, asyncio.CancelledError):
        pass
    return "stopped early"


async def print_until_stopped() -> None:
    for number in range(1_000_000):
        print(f"line {number}")
        await asyncio.sleep(0)


async def count(numbers: int) -> AsyncIterator[int]:
    for number in range(numbers):
        yield number


async def yield_object() -> AsyncIterator[object]:
    yield object()


async def wait_then_print() -> None:
    """Ends long after it was told to."""
    job_methods.go_on.clear()
    job_methods.is_done.clear()
    try:
        print("ready")
        await asyncio.sleep(LIMIT)
    except BaseException:  # noqa: BLE001
        while not job_methods.go_on.is_set():
            try:
                await asyncio.sleep(0.01)
            except BaseException:  # noqa: BLE001
                continue
    print("said too late")
    job_methods.is_done.set()


# What only methods on an event loop can do wrong


async def block(seconds: float) -> None:
    """Keeps the loop for itself, in Python."""
    print("ready")
    await asyncio.sleep(0)
    job_methods.wait(seconds)


async def block_in_c(seconds: float) -> None:
    """The same, where no exception reaches it."""
    print("ready")
    await asyncio.sleep(0)
    time.sleep(seconds)


async def leave_task_behind() -> None:
    """Returns, and leaves a task that goes on."""
    tasks.append(asyncio.create_task(wait_willingly()))
    await asyncio.sleep(0.05)


async def exit_in_a_task() -> None:
    await asyncio.create_task(_exit())


async def _exit() -> None:
    raise SystemExit(3)


tasks: list[asyncio.Task[None]] = []
