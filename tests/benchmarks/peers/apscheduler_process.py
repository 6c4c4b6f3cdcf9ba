"""A process with APScheduler's BackgroundScheduler: `python -m ...apscheduler_process JOBS DUE IDLE`.

Its memory store and its pool of ten threads are its defaults. Its grace for late jobs, 1 s by default, is raised to a
minute, so that no job is dropped for being late. The jobs are added before it runs, since each addition to a running
scheduler wakes it up.
"""

import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from tests.benchmarks import punctuality
from tests.benchmarks.stamps import stamp


def main() -> None:
    """Add the jobs, run until SIGTERM."""
    jobs, due, idle = (int(argument) for argument in sys.argv[1:])
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"misfire_grace_time": 60})
    month = (time.gmtime().tm_mon + 5) % 12 + 1
    for number in range(due, jobs):
        scheduler.add_job(stamp, "cron", args=[number], month=month, day=1)
    scheduler.start(paused=True)  # from here on jobs are in the store at once
    instant = punctuality.due_in(idle, 5.0)
    punctuality.note_due(Path.cwd(), instant)
    at = datetime.fromtimestamp(instant, UTC)
    for number in range(due):
        scheduler.add_job(stamp, "cron", args=[number], hour=at.hour, minute=at.minute, second=at.second)
    scheduler.resume()
    scheduler.add_job(stamp, args=[punctuality.READY])
    signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # every thread: only main waits for it
    main()
