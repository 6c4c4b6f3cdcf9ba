"""Strike faults at engines under load and check that no promise is broken: the long form of the chaos tests."""

from __future__ import annotations

import argparse
import contextlib
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.chaos import report
from tests.chaos.campaign import LEASE, Report, run
from tests.support.command_line import ROOT
from tests.support.postgres import PostgresServer

PAGE = ROOT / "docs" / "reliability.md"


def main() -> int:
    """Run what the command line asks for; 0 nothing was broken, 1 a promise was, 2 usage, 130 interrupted."""
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="rota-chaos-"))
    _say(f"seed {asked.seed}, in {folder}")
    try:
        done = _run(asked, folder)
    except KeyboardInterrupt:
        _say("stopped")
        return 130
    command = f"--faults {asked.faults} --database {asked.database} --nodes {asked.nodes} --seed {asked.seed}"
    figures = report.section(done, f"python -m tests.chaos {command}")
    sys.stdout.write(f"{figures}\n")
    for violation in done.violations:
        _say(f"VIOLATION {violation.rule}: {violation.what}")
    if done.violations:
        _say(f"the database, the logs and the notes are in {folder}")
        return 1
    shutil.rmtree(folder)
    if asked.write:
        report.write(PAGE, done.kind, figures)
        _say(f"written to {PAGE}")
    return 0


def _run(asked: argparse.Namespace, folder: Path) -> Report:
    with _database(asked.database, folder) as (url, server):
        return run(
            url,
            folder,
            faults=asked.faults,
            nodes=asked.nodes,
            seed=asked.seed,
            server=server,
            lease=asked.lease,
            say=_say,
        )


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, PostgresServer | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/rota.db", None
        return
    server = PostgresServer()
    try:
        server.start()
        yield server.url(server.create_database()), server
    finally:
        server.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--faults", type=_count, default=200, metavar="N", help="how many to strike (200)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql", help="(postgresql)")
    parser.add_argument("--nodes", type=_count, metavar="N", help="engines at once (3; one on SQLite)")
    parser.add_argument("--lease", type=float, default=LEASE, metavar="SECONDS", help=f"of each engine ({LEASE:g})")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), metavar="N", help="of what is random")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    asked = parser.parse_args()
    one = asked.database == "sqlite"
    asked.nodes = asked.nodes or (1 if one else 3)
    if one and asked.nodes > 1:
        parser.error("an SQLite database has one engine")
    return asked


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
