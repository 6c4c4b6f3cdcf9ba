"""Named executors: jobs that wait for one, and what happens when it goes."""

from __future__ import annotations

from pathlib import Path

from tests.support.shop import HEADER, JOBS, Shop


def test_jobs_whose_executor_goes_are_announced_shown_and_run_once_it_is_back(applied: Shop) -> None:
    with_executor(applied, "executors: {crawl: {kind: thread, workers: 2}}")
    applied.apply()
    applied.rota("jobs", "start", "shop_jobs:load", "-p", "currencies=[]", "--executor", "crawl", "--name", "waits")

    applied.jobs(JOBS)
    assert "warning: executor crawl goes, and 1 background job waits for it" in applied.rota("plan", "shop").stdout
    applied.apply()
    assert applied.json("status")["stranded"] == {"shop/crawl": 1}
    assert "1 waiting for executor shop/crawl, which is gone" in applied.rota("status").stdout

    with_executor(applied, "executors: {crawl: {kind: process}}")
    applied.apply()
    assert applied.json("status")["stranded"] == {}
    applied.rota("run", "--no-apply", "--until-idle")
    assert applied.job("waits")["state"] == "completed"


def test_a_coroutine_runs_on_an_event_loop(applied: Shop) -> None:
    applied.code("import asyncio\nasync def fetch():\n    await asyncio.sleep(0)\n    return 'fetched'\n")
    with_executor(applied, "executors: {net: {kind: async, workers: 500}}", JOBS_OF_FETCH)
    applied.rota("apply", "shop")
    applied.start_scheduled("fetch")
    applied.rota("run", "--no-apply", "--until-idle")
    job = applied.job("fetch")
    assert (job["state"], job["result"], job["executor"]) == ("completed", "fetched", "net")


JOBS_OF_FETCH = """\
  fetch: {method: "shop_jobs:fetch", executor: net, schedule: {cron: "@yearly"}}
"""


def with_executor(shop: Shop, executors: str, jobs: str = JOBS) -> None:
    header = HEADER.replace("NAME", "shop").replace("modules: [shop_jobs]}", f"modules: [shop_jobs], {executors}}}")
    Path(shop.file).write_text(header + jobs)
