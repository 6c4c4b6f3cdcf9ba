"""Oban's job: imported by the script that enqueues and by the consumers it measures."""

from oban import job


@job(queue="default")
async def nothing(number: int) -> None:
    """Do nothing."""
