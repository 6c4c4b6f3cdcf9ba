"""The asynchronous client is the synchronous one, awaited."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest
from sqlalchemy import event

import rota
from rota.app import async_facade
from rota.app.facade import Platform
from rota.app.twin import MOST_THREADS, Twin
from rota.model import errors
from tests.support.shop import Shop
from tests.support.waiting import wait_for

REPORT, WAIT_FOR, ANNA = "shop_jobs:report", "shop_jobs:wait_for", {"who": "Anna"}


def test_names_and_signatures_are_those_of_the_synchronous_one() -> None:
    assert len(Twin._twins) == 12
    for original, twin in Twin._twins.items():
        names = {name for name, _ in inspect.getmembers(original, inspect.isfunction) if not name.startswith("_")}
        assert names <= set(vars(twin)), twin
        for name in names - {"close"}:
            assert inspect.signature(getattr(twin, name)) == inspect.signature(getattr(original, name)), name
            assert getattr(twin, name).__doc__ == getattr(original, name).__doc__
    assert inspect.signature(rota.aconnect).parameters == inspect.signature(rota.connect).parameters


def test_every_class_that_calls_return_has_a_twin() -> None:
    """A class that nobody thought of would come back synchronous."""
    public = {Platform, *(kind for kind in vars(async_facade).values() if isinstance(kind, type))}
    assert {kind for kind in public if kind.__module__.endswith("handles")} <= set(Twin._twins)


def test_a_job_from_its_start_to_its_end(shop: Shop) -> None:
    async def main() -> None:
        async with rota.aconnect(shop.database, user="alice") as platform, platform.engine() as host:
            assert host.is_active
            job = await platform.background_jobs.start(REPORT, ANNA, name="report")
            assert (job.state, job.name) == ("queued", "report")
            assert await job.wait(timeout=60) is job
            assert (job.state, job.result) == ("completed", "Anna None 2")
            many = await platform.background_jobs.start_many(REPORT, [ANNA, ANNA])
            found = await platform.background_jobs.wait([job, *many], timeout=60)
            assert {type(each) for each in found.done} == {async_facade.AsyncJob}
            assert found.pending == ()
            (newest,) = await platform.background_jobs.list(newest=1)
            assert newest.id == many[-1]
            nightly = await platform.scheduled_jobs.get("rates")
            assert (await (await nightly.start()).wait(timeout=60)).result == {"count": 2}
            assert "AsyncJob" not in repr(job)
            with pytest.raises(errors.BadParameters):
                await platform.background_jobs.start(REPORT, {})
            with pytest.raises(AttributeError):
                _ = job.nonsense

    asyncio.run(main())


def test_no_property_goes_to_the_database_on_the_event_loop(shop: Shop) -> None:
    asked: set[int] = set()

    async def main() -> None:
        async with rota.aconnect(shop.database) as platform:
            engine = platform._original._context.store._engine
            event.listen(engine, "before_cursor_execute", lambda *_: asked.add(threading.get_ident()))
            nightly = await platform.scheduled_jobs.get("rates")
            jobs = [await nightly.start(), await platform.background_jobs.map(REPORT, [ANNA])]
            jobs.append(await platform.background_jobs.start(REPORT, ANNA))
            assert [(job.unread, job.open, job.finished) for job in jobs] == [(False, True, False)] * 3

    asyncio.run(main())
    assert asked
    assert threading.get_ident() not in asked


def test_it_may_be_awaited_instead(shop: Shop) -> None:
    async def main() -> None:
        platform = await rota.aconnect(shop.database)
        assert await platform.process_jobs() == 0
        await platform.close()

    asyncio.run(main())


def test_a_cancelled_wait_ends_at_once_and_leaves_no_thread(shop: Shop) -> None:
    async def main() -> None:
        async with rota.aconnect(shop.database) as platform, platform.engine():
            job = await platform.background_jobs.start(WAIT_FOR, {"file": str(shop.folder / "go")})
            waiting = asyncio.create_task(job.wait())
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(waiting, 0.2)
            (shop.folder / "go").touch()
            assert (await job.wait(timeout=60)).state == "completed", "the job itself is not lost"

    asyncio.run(main())
    wait_for(lambda: not [each for each in threading.enumerate() if each.name.startswith("rota-")], "the threads' end")


async def a_turn_of_the_loop() -> None:
    """Let every task that can go on do so."""
    turned = asyncio.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    await turned.wait()


def test_a_start_that_is_cancelled_is_carried_out_or_was_never_begun(shop: Shop) -> None:
    async def main() -> int:
        async with rota.aconnect(shop.database) as platform:
            for number in range(20):
                starting = asyncio.create_task(platform.background_jobs.start(REPORT, ANNA, id=f"job-{number}"))
                await a_turn_of_the_loop()
                starting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await starting
            return len([await platform.background_jobs.start(REPORT, ANNA, id=f"job-{n}") for n in range(20)])

    assert asyncio.run(main()) == 20
    assert len(shop.job_list()) == 20


def test_many_waits_do_not_keep_a_start_from_going_through(shop: Shop) -> None:
    """Not even more of them than there are threads for other calls."""

    async def main() -> None:
        async with rota.aconnect(shop.database) as platform, platform.engine():
            held = await platform.background_jobs.start(WAIT_FOR, {"file": str(shop.folder / "go")})
            waiting = [asyncio.create_task(held.wait(timeout=60)) for _ in range(MOST_THREADS + 6)]
            quick = await asyncio.wait_for(platform.background_jobs.start(REPORT, ANNA), 30)
            await quick.wait(timeout=60)
            (shop.folder / "go").touch()
            assert {str(job.state) for job in await asyncio.gather(*waiting)} == {"completed"}

    asyncio.run(main())


def test_a_block_that_is_cancelled_is_left_in_good_order(shop: Shop) -> None:
    async def main() -> None:
        async with rota.aconnect(shop.database) as platform:
            entered = asyncio.Event()

            async def host() -> None:
                async with platform.engine(standby=False):
                    entered.set()
                    await asyncio.Event().wait()

            hosting = asyncio.create_task(host())
            await entered.wait()
            hosting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hosting
            async with platform.engine(standby=False):
                pass

    asyncio.run(main())


def test_users_locks_and_the_audit_log(shop: Shop) -> None:
    async def main() -> None:
        async with rota.aconnect(shop.database) as platform:
            await platform.users.add("ann")
            async with platform.locks.hold("exclusive", reason="migration") as held:
                await held.check()
                assert [lock.name for lock in await platform.locks.list()] == ["exclusive"]
            assert [act.act for act in await platform.audit.list(newest=3)] == ["lock.free", "lock.take", "user.add"]
            with pytest.raises(errors.UserNotFound):
                await rota.aconnect(shop.database, user="eve")

    asyncio.run(main())
