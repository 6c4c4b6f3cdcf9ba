"""What is measured against what: the benches, their sides and every setting. Called by __main__ and rounds.py.

To add a peer: its pinned version in peers.txt, one script in peers/, one Side here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Environment(StrEnum):
    """Where a side runs."""

    ROTA = "rota"
    PEERS = "peers"


class Store(StrEnum):
    """The database a bench runs on; every run of every side has a fresh one."""

    SQLITE = "SQLite"
    POSTGRESQL = "PostgreSQL"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number that every run yields: the script's name for it, its title and its unit."""

    name: str
    title: str
    unit: str
    more_is_better: bool = True


@dataclass(frozen=True, kw_only=True)
class Script:
    """A side measured by a script of ours, which prints its figures as JSON."""

    environment: Environment
    module: str
    options: Mapping[str, int] = field(default_factory=dict)
    python: tuple[int, int] = (3, 11)

    @property
    def label(self) -> str:
        """The side before it has run and named its settings itself."""
        return self.module.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A side that is a whole process, timed from its spawn to its end."""

    environment: Environment
    arguments: tuple[str, ...]
    python: tuple[int, int] = (3, 11)

    @property
    def label(self) -> str:
        """The command line."""
        return f"`{' '.join(self.arguments)}`"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One comparison; `sides` run one after the other in every round, in this order."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    sides: tuple[Script | Command, ...]
    store: Store | None = None
    least_rounds: int = 3


RATE = Figure(name="rate", title="drain, engine start included", unit="jobs/s")
SINGLE = Figure(name="single", title="one job a call, each committed", unit="jobs/s")
BULK = Figure(name="bulk", title="1,000 jobs a call", unit="jobs/s")
TIME = Figure(name="milliseconds", title="whole process", unit="ms", more_is_better=False)


UPDATE = (
    Figure(name="validate", title="`validate`, schema and semantics", unit="ms", more_is_better=False),
    Figure(name="plan", title="`plan` without a database", unit="ms", more_is_better=False),
    Figure(name="apply", title="`apply` to an empty database", unit="ms", more_is_better=False),
    Figure(name="again", title="the second `apply`", unit="ms", more_is_better=False),
    Figure(name="memory", title="the most memory that a command took", unit="MiB", more_is_better=False),
)


def _rota(module: str, **options: int) -> Script:
    return Script(environment=Environment.ROTA, module=f"tests.benchmarks.rota_side.{module}", options=options)


def _peer(module: str, **options: int) -> Script:
    return Script(environment=Environment.PEERS, module=f"tests.benchmarks.peers.{module}", options=options)


def _oban(**options: int) -> Script:
    return replace(_peer("oban_drain", **options), python=(3, 12))


def benches(jobs: int) -> tuple[Bench, ...]:
    """All benches; a drain and a bulk start have `jobs` jobs, single starts are a fifth of them."""
    bulk = {"jobs": max(jobs // 5, 1), "bulk": jobs}
    return (
        Bench(
            name="drain-sqlite",
            title=f"Drain {jobs:,} no-op jobs with results on SQLite",
            store=Store.SQLITE,
            figures=(RATE,),
            sides=(
                _rota("drain", jobs=jobs, processes=1, results=1),
                _peer("huey_drain", jobs=jobs, threads=1, processes=0, results=1),
                _peer("huey_drain", jobs=jobs, threads=4, processes=0, results=1),
                _peer("huey_drain", jobs=jobs, threads=0, processes=2, results=1),
            ),
        ),
        Bench(
            name="drain-sqlite-empty",
            title=f"Drain {jobs:,} no-op jobs without results on SQLite",
            store=Store.SQLITE,
            figures=(RATE,),
            sides=(
                _rota("drain", jobs=jobs, processes=1, results=0),
                _peer("huey_drain", jobs=jobs, threads=1, processes=0, results=0),
                _peer("huey_drain", jobs=jobs, threads=0, processes=2, results=0),
            ),
        ),
        Bench(
            name="drain-postgresql",
            title=f"Drain {jobs:,} no-op jobs on PostgreSQL by one process",
            store=Store.POSTGRESQL,
            figures=(RATE,),
            sides=(
                _rota("drain", jobs=jobs, processes=1, results=0),
                _oban(jobs=jobs, processes=1, limit=20),
            ),
        ),
        Bench(
            name="drain-postgresql-two",
            title=f"Drain {jobs:,} no-op jobs on PostgreSQL by two processes",
            store=Store.POSTGRESQL,
            figures=(RATE,),
            sides=(
                _rota("drain", jobs=jobs, processes=2, results=0),
                _oban(jobs=jobs, processes=2, limit=20),
            ),
        ),
        Bench(
            name="start-sqlite",
            title="Start jobs on SQLite",
            store=Store.SQLITE,
            figures=(SINGLE, BULK),
            sides=(
                _rota("start", **bulk),
                _peer("sqlalchemy_start", **bulk),
                _peer("huey_start", jobs=bulk["jobs"]),
            ),
        ),
        Bench(
            name="start-postgresql",
            title="Start jobs on PostgreSQL",
            store=Store.POSTGRESQL,
            figures=(SINGLE, BULK),
            sides=(
                _rota("start", **bulk),
                _peer("sqlalchemy_start", **bulk),
                _peer("pgqueuer_start", **bulk),
            ),
        ),
        _configuration("many", jobs, files=max(jobs // 50, 1)),
        _configuration("one", jobs, files=1),
        _command_line("version"),
        _command_line("help"),
    )


def _configuration(name: str, jobs: int, files: int) -> Bench:
    """A configuration of so many jobs from its files to the database; the loaders of the libraries are its floor."""
    return Bench(
        name=f"configuration-{name}",
        title=f"A configuration of {jobs:,} jobs in {files:,} file{'s' if files > 1 else ''}",
        store=Store.SQLITE,
        figures=UPDATE,
        sides=(_rota("update", jobs=jobs, files=files), _peer("pyyaml_jsonschema", jobs=jobs, files=files)),
    )


def _command_line(option: str) -> Bench:
    """One command of Rota against the help of the quickest peer's command."""
    return Bench(
        name=f"cli-{option}",
        title=f"`rota --{option}` beside `dramatiq --help`",
        figures=(TIME,),
        least_rounds=10,
        sides=(
            Command(environment=Environment.ROTA, arguments=("rota", f"--{option}")),
            Command(environment=Environment.PEERS, arguments=("dramatiq", "--help")),
        ),
    )
