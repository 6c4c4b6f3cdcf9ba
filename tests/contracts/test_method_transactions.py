"""`current_job.transaction()`: what a method writes and the completion of its job are one, whatever dies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import rota
from rota.app.facade import Platform
from rota.app.job_handle import Job
from rota.model.attempt import AttemptId
from rota.model.errors import WrongState
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, nodes
from rota.store.completion import StoreTransactions
from rota.testing import SettableClock
from tests.support.node import Node
from tests.support.shop import Shop, shop_in_this_process
from tests.support.stored import NOW, add_node, end, ending, insert, new_job, running, stored
from tests.support.waiting import wait_for

METHODS = """
import asyncio, os, signal
from concurrent.futures import ThreadPoolExecutor
from sqlalchemy import event, text
from rota import current_job

def go_on(then: str, engine) -> None:
    if then == "raise":
        raise ValueError("no cover")
    if then == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if then == "die once committed":
        event.listen(engine, "checkin", lambda *_: os.kill(os.getpid(), signal.SIGKILL))

def result(then: str, amount: int):
    return object() if then == "return what is no JSON" else amount

def transfer(amount: int, then: str = "return") -> int:
    print("before")
    with current_job.transaction() as connection:
        connection.execute(text("INSERT INTO ledger VALUES (:amount)"), {"amount": amount})
    go_on(then, connection.engine)
    if then == "raise in a block":
        try:
            with current_job.transaction() as connection:
                connection.execute(text("INSERT INTO ledger VALUES (-1)"))
                raise ValueError("no cover")
        except ValueError:
            print("undone")
    if then == "commit":
        connection.commit()
    return result(then, amount)

async def transfer_awaited(amount: int, then: str = "return") -> int:
    print("before")
    async with current_job.transaction() as connection:
        await connection.execute(text("INSERT INTO ledger VALUES (:amount)"), {"amount": amount})
    go_on(then, connection.sync_connection.engine)
    if then == "raise in a block":
        try:
            async with current_job.transaction() as connection:
                await connection.execute(text("INSERT INTO ledger VALUES (-1)"))
                raise ValueError("no cover")
        except ValueError:
            print("undone")
    if then == "commit":
        await connection.commit()
    if then == "mix":
        with current_job.transaction():
            pass
    if then.startswith("/"):
        with open(then, "x"):
            await asyncio.Event().wait()
    return result(then, amount)

async def transfer_and_yield(amount: int, then: str = "return"):
    async with current_job.transaction() as connection:
        await connection.execute(text("INSERT INTO ledger VALUES (:amount)"), {"amount": amount})
        yield "in the block"
    go_on(then, connection.sync_connection.engine)

async def transfer_while_the_loop_waits(amount: int, then: str) -> None:
    with current_job.transaction():
        pass

def transfer_on_a_loop_of_its_own(amount: int, then: str) -> int:
    return asyncio.run(transfer_awaited(amount))

async def transfer_in_two_tasks(amount: int, then: str) -> None:
    async def one() -> None:
        async with current_job.transaction() as connection:
            await connection.execute(text("INSERT INTO ledger VALUES (:amount)"), {"amount": amount})

    await one()  # one after the other is as in one task
    await asyncio.create_task(one())
    if then == "at once":
        await asyncio.gather(one(), one())

def transfer_in_two_threads(amount: int, then: str) -> None:
    def one() -> None:
        with current_job.transaction() as connection:
            connection.execute(text("INSERT INTO ledger VALUES (:amount)"), {"amount": amount})

    with ThreadPoolExecutor(1) as other:
        other.submit(one).result()
        with current_job.transaction():
            if then == "at once":
                other.submit(one).result()
        one()

def outside():
    pass
"""

executors = pytest.mark.parametrize("executor", ["process", "thread"])
forms = pytest.mark.parametrize(
    ("executor", "method"),
    [
        ("process", "transfer"),
        ("thread", "transfer"),
        ("process", "transfer_awaited"),
        ("thread", "transfer_awaited"),
        ("async", "transfer_awaited"),
    ],
)


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    with shop_in_this_process(tmp_path, database_url) as made:
        made.code(METHODS)
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE ledger (amount INTEGER)"))
        engine.dispose()
        yield made


@pytest.fixture
def platform(shop: Shop) -> Iterator[Platform]:
    with rota.connect(shop.database) as connected:
        yield connected


def ledger(store: Store) -> list[int]:
    with store.read() as tx:
        return list(tx.execute(text("SELECT amount FROM ledger")).scalars())


def run(platform: Platform, then: str, executor: str = "process", method: str = "transfer", **options: object) -> Job:
    job = platform.background_jobs.start(f"shop_jobs:{method}", [7, then], executor=executor, **options)  # type: ignore[arg-type]
    platform.process_jobs(until_idle=True)
    return job.refresh()


@forms
@pytest.mark.parametrize("then", ["return", "raise in a block"])
def test_it_commits_with_the_completion(platform: Platform, executor: str, method: str, then: str) -> None:
    job = run(platform, then, executor, method)
    assert (job.state, job.result, ledger(platform._context.store)) == ("completed", 7, [7])
    emitted = [record.data for record in job.records()]
    assert (emitted[0], emitted[-1]) == ("before\n", 7)


@forms
@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("raise", "ValueError: no cover"),
        ("commit", "commits with its completion, and not before"),
        ("return what is no JSON", "cannot be written as JSON"),
    ],
)
def test_a_method_that_fails_leaves_nothing(
    platform: Platform, executor: str, method: str, then: str, words: str
) -> None:
    job = run(platform, then, executor, method)
    assert job.state == "failed"
    assert words in str(job.error)
    assert ledger(platform._context.store) == []


methods = pytest.mark.parametrize("method", ["transfer", "transfer_awaited"])


@methods
def test_a_worker_killed_before_the_commit_leaves_nothing(platform: Platform, method: str) -> None:
    job = run(platform, "die", method=method)
    assert (job.state, ledger(platform._context.store)) == ("failed", [])


@methods
def test_a_worker_killed_after_the_commit_has_completed_its_job(platform: Platform, method: str) -> None:
    job = run(platform, "die once committed", method=method, retry=rota.RetryPolicy(count=5))
    assert (job.state, job.result, job.attempt, ledger(platform._context.store)) == ("completed", 7, 1, [7])
    assert [attempt.end for attempt in job.attempts] == ["returned"]


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_an_asynchronous_generator(platform: Platform, executor: str) -> None:
    jobs = [run(platform, then, executor, "transfer_and_yield") for then in ("return", "raise")]
    assert [job.state for job in jobs] == ["completed", "failed"]
    assert ledger(platform._context.store) == [7]
    assert [record.data for record in jobs[0].records()] == ["in the block"]


@pytest.mark.parametrize(
    ("executor", "method", "then", "words"),
    [
        ("async", "transfer_while_the_loop_waits", "", "use `async with current_job.transaction()` instead"),
        ("process", "transfer_on_a_loop_of_its_own", "", "for methods that are `async def` themselves"),
        ("process", "transfer_awaited", "mix", "was begun with `async with`, and goes on with that"),
        ("process", "transfer_in_two_tasks", "at once", "another task or thread of this method is in a block"),
        ("async", "transfer_in_two_tasks", "at once", "another task or thread of this method is in a block"),
        ("process", "transfer_in_two_threads", "at once", "another task or thread of this method is in a block"),
    ],
)
def test_what_cannot_be_is_said(platform: Platform, executor: str, method: str, then: str, words: str) -> None:
    job = run(platform, then, executor, method)
    assert job.state == "failed"
    assert words in str(job.error)
    assert ledger(platform._context.store) == []


@pytest.mark.parametrize(
    ("executor", "method"), [("async", "transfer_in_two_tasks"), ("process", "transfer_in_two_threads")]
)
def test_tasks_and_threads_may_have_blocks_one_after_the_other(platform: Platform, executor: str, method: str) -> None:
    job = run(platform, "return", executor, method)
    assert (job.state, ledger(platform._context.store)) == ("completed", [7, 7])


@pytest.mark.parametrize("executor", ["process", "thread", "async"])
def test_a_coroutine_that_is_stopped_leaves_nothing_and_lets_go(
    platform: Platform, tmp_path: Path, executor: str
) -> None:
    inside = tmp_path / "inside"
    with platform.engine(grace=0):
        job = platform.background_jobs.start("shop_jobs:transfer_awaited", [7, str(inside)], executor=executor)
        wait_for(inside.exists)
    assert (job.refresh().state, ledger(platform._context.store)) == ("waiting", [])
    job.cancel()
    assert run(platform, "return", executor, "transfer_awaited").state == "completed"


def test_outside_a_job_there_is_none() -> None:
    with pytest.raises(RuntimeError, match="outside a job"):
        rota.current_job.transaction()


# A zombie, and a node that dies


@pytest.fixture
def with_ledger(store: Store) -> Iterator[Store]:
    with store.write() as tx:
        tx.execute(text("CREATE TABLE ledger (amount INTEGER)"))
    yield store
    with store.write() as tx:
        tx.execute(text("DROP TABLE ledger"))


def begin(store: Store, attempt: AttemptId) -> tuple[StoreTransactions, rota.model.attempt.JobTransaction]:
    transactions = StoreTransactions(store.full_url)
    opened = transactions.open(attempt)
    with opened.block() as connection:
        connection.execute(text("INSERT INTO ledger VALUES (7)"))
    return transactions, opened


def test_a_zombies_work_is_undone(with_ledger: Store) -> None:
    add_node(with_ledger)
    lease = running(with_ledger)
    end(with_ledger, ending(lease, Next(state=State.WAITING, restarts=1, due_at=NOW)))
    transactions, opened = begin(with_ledger, lease.attempt.id)
    with pytest.raises(WrongState, match="has lost its lease"):
        opened.commit(7)
    transactions.close()
    assert (ledger(with_ledger), stored(with_ledger, lease.attempt.job).state) == ([], State.WAITING)


def test_what_a_dead_node_committed_is_completed_by_the_next(with_ledger: Store) -> None:
    add_node(with_ledger, "dead")
    first, second = running(with_ledger, "dead", key="k", key_scope="m:f"), running(with_ledger, "dead")
    insert(with_ledger, new_job(key="k", key_scope="m:f", behind=True))
    for lease, commits in ((first, True), (second, False)):
        transactions, opened = begin(with_ledger, lease.attempt.id)
        opened.commit({"sum": 7}) if commits else opened.roll_back()
        transactions.close()
    node = Node(with_ledger, SettableClock(NOW)).enter()
    with with_ledger.write() as tx:
        nodes.end(tx, "dead", NOW)
    node.run("rescuer")
    completed, failed = stored(with_ledger, first.attempt.job), stored(with_ledger, second.attempt.job)
    assert (completed.state, completed.result, failed.state) == (State.COMPLETED, {"sum": 7}, State.FAILED)
    assert [attempt.end for attempt in completed.attempts] == ["returned"]
    assert ledger(with_ledger) == [7]
    with rota.connect(with_ledger.full_url) as platform:
        assert [record.data for record in platform.background_jobs.get(completed.id).records()] == [{"sum": 7}]
    assert [fact["job"] for fact in node.told("job.completed")] == [completed.id]
    node.close()
