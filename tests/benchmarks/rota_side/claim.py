"""Claims among `--jobs` jobs, half of them finished and half queued: how long one takes, and what it has to read.

The one script that goes to the store itself: a claim is what an engine does, and has no public call.
"""

import statistics

from rota.store import Store, schema
from tests.benchmarks import script
from tests.support.effort import CLAIMED, claim_some, effort, fill
from tests.support.stored import add_node

CLAIMS = 40


def main() -> None:
    """Fill the table, claim, answer."""
    asked = script.arguments()
    store = Store(script.sqlalchemy_url(asked.database))
    schema.upgrade(store)
    add_node(store, "a")
    fill(store, asked.jobs)
    effort(store, claim_some)  # what the first one alone pays, such as reading the catalogue
    steps = effort(store, claim_some)
    taken = [_claim(store) for _ in range(CLAIMS)]
    store.close()
    unit = "steps of SQLite's machine" if store.is_sqlite else "pages read"
    script.answer(
        f"{script.named('rota')}: {asked.jobs:,} rows, {unit}",
        milliseconds=statistics.median(taken) * 1000,
        effort=steps,
    )


def _claim(store: Store) -> float:
    """Claim and commit; returns the seconds it took."""
    with script.stopwatch() as elapsed, store.write() as tx:
        leases = claim_some(tx)
    script.require(len(leases), CLAIMED, "jobs claimed")
    return elapsed.seconds


if __name__ == "__main__":
    script.run(main)
