"""Methods that executors are tested with."""

# ruff: noqa: T201, PTH109 - they behave as methods do, good or bad

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import ctypes
import enum
import faulthandler
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rota import PermanentFailure, current_job
from rota.model.errors import JobCancelled

LIMIT = 30.0
"""Seconds after which a method that is to be stopped gives up by itself, so that no test leaves a thread running."""


def wait(seconds: float = LIMIT) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        time.sleep(0.01)


# Ends


def nothing() -> None:
    pass


def add(left: int, right: int = 1) -> int:
    return left + right


def typed(day: date, amount: Decimal, ids: list[UUID]) -> list[str]:
    return [type(value).__name__ for value in (day, amount, *ids)]


def fail() -> None:
    raise ValueError("no rates today")


def fail_deeply() -> None:
    try:
        fail()
    except ValueError as error:
        raise RuntimeError("the import stopped") from error


def fail_for_good() -> None:
    raise PermanentFailure("the account is closed")


def return_object() -> object:
    return object()


def return_rich() -> dict[str, Any]:
    return {
        "day": date(2026, 3, 1),
        "amount": Decimal("1.50"),
        "tuple": (1, 2),
        "colour": Colour.RED,
        "point": Point(1),
    }


def exit_politely() -> None:
    sys.exit(3)


def exit_at_once() -> None:
    print("before the end")
    os._exit(3)


def abort() -> None:
    os.kill(os.getpid(), signal.SIGABRT)


def raise_cancelled() -> None:
    raise JobCancelled


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError


def fail_unspeakably() -> None:
    raise Unspeakable


def fail_at_length() -> None:
    raise ValueError("x" * 1_000_000)


class Colour(enum.Enum):
    RED = "red"


@dataclass
class Point:
    x: int


# Being stopped


def wait_willingly() -> None:
    try:
        print("ready")
        limit = time.monotonic() + LIMIT
        while time.monotonic() < limit:
            current_job.check_cancelled()
            time.sleep(0.01)
    finally:
        print("tidied up")


def look_and_return() -> str:
    try:
        print("ready")
        while not current_job.cancelled:
            time.sleep(0.01)
    except JobCancelled:
        pass
    return "stopped early"


def wait_deafly() -> None:
    print("ready")
    wait()


def wait_stubbornly() -> None:
    limit = time.monotonic() + LIMIT
    while time.monotonic() < limit:
        try:
            print("ready")
            wait(limit - time.monotonic())
        except BaseException:  # noqa: BLE001
            print("not now")


def fail_while_tidying_up() -> None:
    try:
        wait_willingly()
    finally:
        raise ValueError("no room to tidy up")


async def wait_asynchronously() -> None:
    try:
        print("ready")
        await asyncio.sleep(LIMIT)
    finally:
        print("tidied up")


def print_until_stopped() -> None:
    limit = time.monotonic() + LIMIT
    number = 0
    while time.monotonic() < limit:
        number += 1
        print(f"line {number}")


def hold_the_interpreter() -> None:
    """A regular expression that takes years, without ever letting another thread of Python run."""
    child = start_sleeping()
    print(f"ready {os.getpid()} {child}")
    re.match(r"(a+)+$", "a" * 64 + "b")


# Output


def say_everything() -> None:
    print("one", end="")
    current_job.message("two")
    print("three", file=sys.stderr)
    current_job.progress(0.25, "four")
    current_job.output({"five": 5})
    logging.getLogger("shop").warning("six %s", "and more")
    current_job.log.info("seven")
    sys.stdout.buffer.write("eight ü\n".encode())
    print("nine", end="", flush=True)


def log_exception() -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("shop").exception("it went wrong")


def write_below_python() -> None:
    os.write(1, b"descriptor 1\n")
    os.write(2, b"descriptor 2 \xff\n")
    ctypes.CDLL(None).puts(b"from C")
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)


def write_much(megabytes: int) -> int:
    line = "x" * 99 + "\n"
    for _ in range(megabytes * 100):
        sys.stdout.write(line * 100)
    return megabytes * 1_000_000


def write_20_megabytes() -> None:
    write_much(20)


def print_lines() -> None:
    for number in range(1, 1001):
        print(f"line {number}")


def write_much_below_python(megabytes: int) -> None:
    chunk = b"x" * 1_000_000
    for _ in range(megabytes):
        view = memoryview(chunk)
        while view:
            view = view[os.write(1, view) :]


def write_from_thread() -> None:
    thread = threading.Thread(target=print, args=["from a thread"])
    thread.start()
    thread.join()


def write_half_characters() -> str:
    print("half \udc80")
    current_job.message("half \udc80")
    return "whole"


def count(numbers: int) -> Generator[int, None, str]:
    yield from range(numbers)
    return "counted"


async def add_asynchronously(left: int, right: int) -> int:
    await asyncio.sleep(0)
    return left + right


async def count_asynchronously(numbers: int) -> AsyncIterator[int]:
    for number in range(numbers):
        yield number


def yield_object() -> Iterator[object]:
    yield object()


def emit_and_change() -> None:
    values = [1]
    current_job.output(values)
    values.append(2)


def tell_job() -> dict[str, Any]:
    job = current_job
    facts = {name: getattr(job, name) for name in ("id", "attempt", "name", "key", "user", "parameters", "cancelled")}
    return facts | {"process": os.getpid()}


def misuse_job(what: str) -> None:
    {
        "message": lambda: current_job.message(5),  # type: ignore[arg-type]
        "output": lambda: current_job.output(object()),
        "progress": lambda: current_job.progress(2),
    }[what]()


def write_100_megabytes() -> None:
    write_much(100)


def print_without_end() -> None:
    """Text whose line does not end as long as it runs."""
    print("Loading... ", end="")
    wait()


def say_in_order() -> None:
    """The same words on one stream after another."""
    for number in range(50):
        print(f"{number} stdout")
        print(f"{number} stderr", file=sys.stderr)
        current_job.output(f"{number} output")
        current_job.message(f"{number} message")
        logging.getLogger("shop").warning("%d log", number)


def leave_writing_thread() -> None:
    """Returns, while a thread of its own goes on writing and speaking for the job."""

    def write() -> None:
        while not go_on.wait(0.01):
            print("from the thread that was left behind")
            with contextlib.suppress(RuntimeError):
                current_job.message("from the thread that was left behind")
        is_done.set()

    go_on.clear()
    is_done.clear()
    threading.Thread(target=write, daemon=True).start()


def end_left_thread() -> bool:
    """Writes something itself, lets the thread do so, and then ends it."""
    print("mine")
    time.sleep(0.1)
    go_on.set()
    return is_done.wait(LIMIT)


# Misbehaviour


def interrupt() -> None:
    raise KeyboardInterrupt


def recurse() -> None:
    recurse()


def return_deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def return_huge() -> str:
    return "x" * 70_000_000


def return_20_megabytes() -> str:
    return "x" * 20_000_000


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def install_handlers() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGALRM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0.01)


def tell_handlers() -> list[str]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGALRM, signal.SIGCHLD)
    timer = "" if signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0) else "a timer"
    return [repr(getattr(signal.getsignal(number), "__name__", signal.getsignal(number))) for number in numbers] + [
        timer
    ]


def ignore_signals() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready")
    wait()


def sleep_in_c() -> None:
    """One call that no exception ends."""
    print("ready")
    time.sleep(LIMIT)


# Processes


def leave_child() -> int:
    """Returns, and leaves a child process."""
    return start_sleeping()


def leave_orphan() -> int:
    """Leaves a process whose parent has ended."""
    argv = ["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"]
    return int(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)


def leave_daemon() -> int:
    """Leaves a process that has left on purpose."""
    return subprocess.Popen(["sleep", "1000"], start_new_session=True).pid


def leave_nothing() -> None:
    """Children that have ended are no reason for anything."""
    subprocess.run(["true"], check=True)
    os.waitid(os.P_PID, subprocess.Popen(["true"]).pid, os.WEXITED | os.WNOWAIT)  # ended, and nobody asks how


def read_input() -> str:
    return os.read(0, 10).decode()


def start_sleeping() -> int:
    return subprocess.Popen(["sleep", "1000"]).pid


def leave_child_and_wait() -> None:
    print(f"ready {os.getpid()} {start_sleeping()}")
    wait()


def fork_and_wait() -> None:
    """Leaves a fork of the worker, with everything that the worker has open."""
    child = os.fork()
    if child == 0:
        time.sleep(LIMIT)
        os._exit(0)
    print(f"ready {os.getpid()} {child}")
    wait()


def print_in_fork() -> None:
    child = os.fork()
    if child == 0:
        print("from a fork")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def crash() -> None:
    faulthandler._sigsegv()  # type: ignore[attr-defined]


def leave_traces() -> None:
    os.chdir("/")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def working_folder() -> str:
    return os.getcwd()


def disturb_the_channel() -> None:
    """Writes where it has no business: to every descriptor that it can guess."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\x00\x00\x00\x05hello")
        except OSError:
            continue
    wait()


def length(text: str) -> int:
    return len(text)


go_on, is_done = threading.Event(), threading.Event()
variable = contextvars.ContextVar("variable", default="unset")


def wait_then_print() -> None:
    """Ends long after it was told to."""
    go_on.clear()
    is_done.clear()
    try:
        print("ready")
        wait()
    except BaseException:  # noqa: BLE001
        go_on.wait(LIMIT)
    print("said too late")
    is_done.set()


def set_context(value: str) -> None:
    variable.set(value)


def get_context() -> str:
    return variable.get()


def configure_logging() -> None:
    logging.basicConfig(force=True)
    sys.stdout = sys.__stdout__


def leave_thread_that_holds_the_interpreter() -> None:
    """Returns, but no other thread of the worker ever runs again after the thread has begun its work."""
    threading.Thread(target=lambda: go_on.wait(0.1) or re.match(r"(a+)+$", "a" * 64 + "b"), daemon=True).start()
