"""Start jobs with Rota: one job a call, then many a call."""

import rota
from tests.benchmarks import script
from tests.benchmarks.rota_side.applied import JOBS, apply


def main() -> None:
    """Start singly and in bulk, check that all wait in the store, answer."""
    asked = script.arguments("bulk")
    url = script.sqlalchemy_url(asked.database)
    apply(url)
    with rota.connect(url) as platform:
        start = platform.background_jobs
        with script.stopwatch() as single:
            for number in range(asked.jobs):
                start.start(f"{JOBS}:nothing", {"number": number}, executor="thread")
        with script.stopwatch() as many:
            for numbers in script.slices(asked.bulk):
                start.start_many(f"{JOBS}:nothing", [{"number": number} for number in numbers], executor="thread")
        total = asked.jobs + asked.bulk
        script.require(len(start.list(state="queued", newest=total + 1)), total, "Rota's queued jobs")
    script.answer(
        f"{script.named('rota')}: start and start_many",
        single=asked.jobs / single.seconds,
        bulk=asked.bulk / many.seconds,
    )


if __name__ == "__main__":
    script.run(main)
