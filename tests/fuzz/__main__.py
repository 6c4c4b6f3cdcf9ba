"""Try many spoiled configurations: `python -m tests.fuzz --documents 100000 --seed 1`. Exit status 0 is all well.

Seed and number decide what a document is, so that `--begin` goes on where another run ended, and finds one again.
"""

from __future__ import annotations

import argparse
import faulthandler
import sys
import tempfile
import traceback
from pathlib import Path

from tests.fuzz.run import LIMIT, fuzz
from tests.fuzz.seeds import seeds

PROGRESS = 10_000
"""Documents between two lines that say how far the run is."""


def main() -> int:
    """Run what the command line asks for; a document that breaks something is left behind and named."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000, metavar="N", help="how many documents (100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other documents (1)")
    parser.add_argument("--begin", type=int, default=0, metavar="N", help="the number of the first document (0)")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rota-fuzz-"))
    numbers = range(asked.begin, asked.begin + asked.documents)
    last = asked.begin

    def before_each(number: int) -> None:
        nonlocal last
        last = number
        faulthandler.dump_traceback_later(20 * LIMIT, exit=True)  # a document that hangs ends the run and is named
        if number % PROGRESS == 0:
            sys.stderr.write(f"seed {asked.seed}, document {number:,}; it is written to {folder / 'culprit'}\n")

    try:
        result = fuzz(seeds(), folder, numbers=numbers, seed=asked.seed, before_each=before_each)
    except Exception:  # noqa: BLE001 -- whatever it is, it is what a fuzz run looks for
        traceback.print_exc()
        sys.stderr.write(f"\ndocument {last:,} of seed {asked.seed} did this; it is {folder / 'culprit'}\n")
        return 1
    finally:
        faulthandler.cancel_dump_traceback_later()
    sys.stdout.write(
        f"{result.documents:,} documents, {result.valid:,} of them valid, {result.applied:,} applied; "
        f"the slowest took {result.slowest:.2f} s; {len(result.codes)} different codes\n"
    )
    for code, count in result.codes.most_common():
        sys.stdout.write(f"{count:>9,}  {code}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
