"""Methods that the machine of background jobs starts: what each attempt does stands in a script."""

from __future__ import annotations

from rota import PermanentFailure, current_job

METHOD = f"{__name__}:work"


def work(script: list[str]) -> int:
    """Emit two items and end as the attempt's word says; the last word is for all later attempts, too."""
    attempt = current_job.attempt
    for number in range(2):
        current_job.output([attempt, number])
    word = script[min(attempt, len(script)) - 1]
    if word == "fail":
        raise ConnectionError(f"attempt {attempt} fails")
    if word == "give up":
        raise PermanentFailure("it is useless")
    return attempt


def lead(scripts: list[list[str]]) -> str:
    """Start a child for each script, and wait for them all; tells how they ended."""
    children = [current_job.start(METHOD, [script]) for script in scripts]
    current_job.wait(children)
    return " ".join(child.state for child in children)
