"""Try many mutated documents: `python -m tests.fuzz --documents 100000 --seed 1`. Exit status 0 is all well."""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from pathlib import Path

from tests.fuzz.run import fuzz
from tests.fuzz.seeds import seeds


def main() -> int:
    """Run what the command line asks for; a document that breaks something is left behind and named."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000, metavar="N", help="how many documents (100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, other documents (1)")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rota-fuzz-"))
    try:
        result = fuzz(seeds(), folder, documents=asked.documents, seed=asked.seed)
    except Exception:  # noqa: BLE001 -- whatever it is, it is what a fuzz run looks for
        traceback.print_exc()
        sys.stderr.write(f"\nthe document is {folder / 'culprit.yaml'}\n")
        return 1
    sys.stdout.write(
        f"{result.documents:,} documents, {result.valid:,} of them valid, {result.applied:,} applied; "
        f"the slowest took {result.slowest:.2f} s; {len(result.codes)} different codes\n"
    )
    for code, count in result.codes.most_common():
        sys.stdout.write(f"{count:>9,}  {code}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
