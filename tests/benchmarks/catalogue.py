"""What is measured against what: the benches, their sides and every setting. Called by __main__ and rounds.py.

To add a peer: its pinned version in peers.txt, one script in peers/, one Side here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tests.benchmarks.next_start import LINES, ZONES


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
    """One number that every run yields: the script's name for it, its title, its unit and its shown decimals.

    `amount` is for what is taken rather than reached: there Rota is so many times as much, not so many times as fast.
    """

    name: str
    title: str
    unit: str
    decimals: int = 0
    more_is_better: bool = True
    amount: bool = False


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
NEXT = tuple(Figure(name=name, title=line.title, unit="ns", more_is_better=False) for name, line in LINES.items())
TIME = Figure(name="milliseconds", title="whole process", unit="ms", more_is_better=False)

LATENCY = (
    Figure(name="p50", title="start to first line, median", unit="ms", decimals=2, more_is_better=False),
    Figure(name="p99", title="start to first line, 99th percentile", unit="ms", decimals=2, more_is_better=False),
    Figure(name="lone", title="a lone job after the silence", unit="ms", decimals=2, more_is_better=False),
    Figure(name="idle", title="idle", unit="% of a core", decimals=2, amount=True),
)
SCHEDULED = (
    Figure(name="last", title="how late the last one starts", unit="ms", more_is_better=False),
    Figure(name="startup", title="start-up", unit="s", decimals=2, more_is_better=False),
    Figure(name="memory", title="memory", unit="MiB", amount=True),
    Figure(name="idle", title="idle", unit="% of a core", decimals=2, amount=True),
)
LATENCY_JOBS = 500
CLAIM = (
    Figure(name="milliseconds", title="one claim of ten jobs, median", unit="ms", decimals=2, more_is_better=False),
    Figure(name="effort", title="what the database did for one claim", unit="steps", amount=True),
)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How large the benches are, from the command line.

    `jobs` of a drain; `silence` and `idle` in seconds; `rows` in the largest table of the claims.
    """

    jobs: int = 10_000
    silence: int = 60
    idle: int = 20
    rows: int = 100_000


UPDATE = (
    Figure(name="validate", title="`validate`, schema and semantics", unit="ms", more_is_better=False),
    Figure(name="plan", title="`plan` without a database", unit="ms", more_is_better=False),
    Figure(name="apply", title="`apply` to an empty database", unit="ms", more_is_better=False),
    Figure(name="again", title="the second `apply`", unit="ms", more_is_better=False),
    Figure(name="both", title="`plan --out` and `apply --plan`, together", unit="ms", more_is_better=False),
    Figure(name="memory", title="the most memory that a command took", unit="MiB", more_is_better=False),
)


RELOAD = (
    Figure(
        name="median", title="from the save to the new revision, median of the saves", unit="ms", more_is_better=False
    ),
    Figure(name="slowest", title="the slowest of the saves", unit="ms", more_is_better=False),
)


def _rota(module: str, **options: int) -> Script:
    return Script(environment=Environment.ROTA, module=f"tests.benchmarks.rota_side.{module}", options=options)


def _peer(module: str, **options: int) -> Script:
    return Script(environment=Environment.PEERS, module=f"tests.benchmarks.peers.{module}", options=options)


def _oban(**options: int) -> Script:
    return replace(_peer("oban_drain", **options), python=(3, 12))


def benches(sizes: Sizes) -> tuple[Bench, ...]:
    """All benches; a drain and a bulk start have `jobs` jobs, single starts are a fifth of them."""
    jobs = sizes.jobs
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
            name="drain-postgresql-pgqueuer",
            title=f"Drain {jobs:,} no-op jobs on PostgreSQL beside pgqueuer",
            store=Store.POSTGRESQL,
            figures=(RATE,),
            sides=(
                _rota("drain", jobs=jobs, processes=1, results=0),
                _peer("pgqueuer_drain", jobs=jobs, batch=100),
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
        _configuration("many", sizes.jobs, files=max(sizes.jobs // 50, 1)),
        _configuration("one", sizes.jobs, files=1),
        _reload(1_000),
        _reload(10_000),
        _next_start("next-utc", dst=0),
        _next_start("next-berlin", dst=1),
        _latency(Store.POSTGRESQL, "pgqueuer_latency", sizes),
        _latency(Store.SQLITE, "huey_latency", sizes),
        _scheduled(100_000, 1_000, Store.SQLITE, sizes),
        _scheduled(1_000, 10, Store.SQLITE, sizes),
        _scheduled(100_000, 1_000, Store.POSTGRESQL, sizes),
        _claim(Store.SQLITE, sizes),
        _claim(Store.POSTGRESQL, sizes),
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


def _reload(jobs: int) -> Bench:
    """Rota with itself: a save takes no longer than twice the debounce of 100 ms, whatever the size around it."""
    return Bench(
        name=f"reload-{jobs}",
        title=f"From a save to the new revision, one file of {jobs:,} jobs in {jobs // 50}",
        store=Store.SQLITE,
        figures=RELOAD,
        sides=(_rota("reload", jobs=jobs, files=jobs // 50),),
    )


def _next_start(name: str, *, dst: int) -> Bench:
    """The next start of parsed schedules after 2,000 instants in no order."""
    asked = {"jobs": 2_000, "dst": dst}
    peers = ("cronsim_next", "croniter_next", "apscheduler_next", "dateutil_next")
    return Bench(
        name=name,
        title=f"Next start in {ZONES[dst]}",
        figures=NEXT,
        sides=(_rota("next_start", **asked), *(_peer(peer, **asked) for peer in peers)),
    )


def _latency(store: Store, peer: str, sizes: Sizes) -> Bench:
    options = {"jobs": LATENCY_JOBS, "silence": sizes.silence}
    return Bench(
        name=f"latency-{store.lower()}",
        title=f"{LATENCY_JOBS} jobs on {store}, one every 20 ms, and one after {sizes.silence} s",
        store=store,
        figures=LATENCY,
        sides=(_rota("latency", **options), _peer(peer, **options)),
    )


def _scheduled(jobs: int, due: int, store: Store, sizes: Sizes) -> Bench:
    options = {"jobs": jobs, "due": due, "idle": sizes.idle}
    return Bench(
        name=f"scheduled-{jobs}-{store.lower()}",
        title=f"{jobs:,} scheduled jobs on {store}, {due:,} due in one second",
        store=store,
        figures=SCHEDULED,
        sides=(_rota("scheduled", **options), _peer("apscheduler_scheduled", **options)),
    )


def _claim(store: Store, sizes: Sizes) -> Bench:
    """Rota with itself: a claim must take as long, and read as much, in a long table as in a short one."""
    return Bench(
        name=f"claim-plan-{store.lower()}",
        title=f"Claim ten jobs on {store}",
        store=store,
        figures=CLAIM,
        sides=tuple(_rota("claim", jobs=rows) for rows in sorted({1_000, 100_000, sizes.rows})),
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
