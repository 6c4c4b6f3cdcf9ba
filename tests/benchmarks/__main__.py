"""Measure Rota beside its peers in one run, print the tables and, with --write, put them into the docs."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import environments, machine, report
from tests.benchmarks.catalogue import Bench, Environment, Sizes, Store, benches
from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.postgresql import PostgreSQL
from tests.benchmarks.rounds import Rounds

PAGE = environments.CHECKOUT / "docs" / "benchmarks.md"


def main() -> int:
    """Run what the command line asks for; 0 done, 1 a bench failed, 2 usage, 130 interrupted."""
    asked = _arguments()
    try:
        _run(asked)
    except BenchmarkError as error:
        _say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        _say("stopped")
        return 130
    return 0


def _run(asked: argparse.Namespace) -> None:
    sizes = Sizes(jobs=asked.jobs, silence=asked.silence, idle=asked.idle, rows=asked.rows)
    chosen = [bench for bench in benches(sizes) if bench.name.startswith(tuple(asked.only or [""]))]
    python, version = environments.interpreter()
    chosen = [_runnable(bench, asked, version) for bench in chosen]
    environments.CACHE.mkdir(exist_ok=True)
    _say(f"environments in {environments.CACHE}, Python {version[0]}.{version[1]}")
    pythons = {Environment.PEERS: environments.peers(python, version)}
    if not asked.without_rota:
        pythons[Environment.ROTA] = environments.rota(python, version)
    with _server(pythons, chosen) as server:
        rounds = Rounds(pythons, lambda: server.fresh_database() if server else "", _say)
        place = machine.describe(pythons[Environment.PEERS], environments.CACHE, server.version if server else "unused")
        for bench in chosen:
            load = machine.load()
            results = rounds.run(bench, asked.rounds)
            section = report.section(bench, results, f"{place}; load average {load} before, {machine.load()} after")
            sys.stdout.write(f"{section}\n\n")
            if asked.write:
                report.write(PAGE, bench.name, section, order=[each.name for each in benches(sizes)])
                _say(f"{bench.name} is written to {PAGE}")


def _runnable(bench: Bench, asked: argparse.Namespace, version: tuple[int, int]) -> Bench:
    """The bench without the sides that cannot run here, each left out with a line that says why."""
    sides = []
    for side in bench.sides:
        if side.python > version:
            _say(
                f"{bench.name}: left out, no Python {side.python[0]}.{side.python[1]} or newer was found: {side.label}"
            )
        elif not (asked.without_rota and side.environment is Environment.ROTA):
            sides.append(side)
    return Bench(**{**vars(bench), "sides": tuple(sides)})


@contextlib.contextmanager
def _server(pythons: dict[Environment, Path], chosen: list[Bench]) -> Iterator[PostgreSQL | None]:
    if not any(bench.store is Store.POSTGRESQL for bench in chosen):
        yield None
        return
    with PostgreSQL(pythons[Environment.PEERS]) as server:
        yield server


def _arguments() -> argparse.Namespace:
    names = ", ".join(bench.name for bench in benches(Sizes()))
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=_rounds, default=5, metavar="N", help="rounds of each bench, 3 or more (5)")
    sizes = Sizes()
    for name, meaning in (
        ("jobs", "jobs of a drain"),
        ("silence", "seconds of silence before the lone job of a latency bench"),
        ("idle", "seconds in which an engine with scheduled jobs is watched being idle"),
        ("rows", "rows of the longest table that is claimed from"),
    ):
        size = vars(sizes)[name]
        parser.add_argument(f"--{name}", type=_count, default=size, metavar="N", help=f"{meaning} ({size})")
    parser.add_argument(
        "--only",
        type=_name,
        action="append",
        metavar="NAME",
        help=f"a name or how it begins: {names}; may be repeated",
    )
    parser.add_argument("--without-rota", action="store_true", help="measure the peers alone")
    parser.add_argument("--write", action="store_true", help="write each bench into docs/benchmarks.md as it ends")
    asked = parser.parse_args()
    if asked.write and asked.without_rota:
        parser.error("--write and --without-rota do not go together: the page compares")
    return asked


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)


def _rounds(text: str) -> int:
    if _count(text) < 3:
        raise argparse.ArgumentTypeError(f"{text} rounds show no spread: 3 or more")
    return int(text)


def _name(text: str) -> str:
    names = [bench.name for bench in benches(Sizes())]
    if not any(name.startswith(text) for name in names):
        raise argparse.ArgumentTypeError(f"no bench begins with {text!r}; there are {', '.join(names)}")
    return text


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
