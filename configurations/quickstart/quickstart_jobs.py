"""The methods of the quickstart's jobs: ordinary functions of an ordinary module."""

import time
from collections.abc import Iterator

from rota import current_job


def greet(name: str) -> str:
    """What a method returns is its job's result; what it prints is kept with the job."""
    greeting = f"Hello, {name}!"
    print(greeting)
    return greeting


def count(to: int) -> Iterator[int]:
    """What a method yields is handed out at once, while the job is running."""
    for number in range(1, to + 1):
        current_job.progress(number / to, f"{number} of {to}")
        time.sleep(0.3)  # stands for work
        yield number


def stumble() -> str:
    """An exception fails an attempt; the job's `retry` decides whether it is run again."""
    if current_job.attempt == 1:
        raise ConnectionError("the first attempt fails, to show a restart")
    current_job.message("The second attempt succeeds.")
    return "done"
