"""Programs that fork, that use multiprocessing, and methods whose modules open a platform when they are imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

import rota
from tests.support.command_line import environment
from tests.support.shop import METHODS, Shop

FORKS_A_CLIENT = """
import os, rota
platform = rota.connect()
platform.background_jobs.start("shop_jobs:report", {"who": "parent"}, name="before")
child = os.fork()
if child == 0:
    platform.background_jobs.start("shop_jobs:report", {"who": "child"}, name="child")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
platform.background_jobs.start("shop_jobs:report", {"who": "parent"}, name="after")
print(sorted(job.name for job in platform.background_jobs.list()))
platform.process_jobs(until_idle=True)
print({str(job.state) for job in platform.background_jobs.list()})
"""

FORKS_INSIDE_AN_ENGINE = """
import os, sys, rota
with rota.connect() as platform, platform.engine(standby=False):
    assert platform.background_jobs.start("shop_jobs:report", ["a"]).wait(timeout=60).state == "completed"
    child = os.fork()
    if child == 0:
        platform.background_jobs.start("shop_jobs:report", ["b"], id="of-the-child")
        sys.exit(0)  # leaves both blocks: nothing of the parent's may end
    assert os.waitpid(child, 0)[1] == 0
    assert platform.background_jobs.get("of-the-child").wait(timeout=60).state == "completed"
    assert platform.background_jobs.start("shop_jobs:report", ["c"]).wait(timeout=60).state == "completed"
print("done")
"""

LEAVES_A_CHILD_BEHIND = """
import os, rota
platform = rota.connect()
ours, parents = os.pipe()
with platform.engine(standby=False):
    child = os.fork()
    if child == 0:
        os.close(parents)
        os.read(ours, 1)  # until the parent is gone
        os._exit(0)
with rota.connect() as again, again.engine(standby=False):
    print("the lock is free")
"""

SENDS_A_PLATFORM = """
import multiprocessing, pickle, rota
platform = rota.connect()
try:
    pickle.dumps(platform)
except TypeError as error:
    print(error)
"""

USES_MULTIPROCESSING = """
import multiprocessing, rota

def start(number):
    with rota.connect() as platform:
        platform.background_jobs.start("shop_jobs:report", [str(number)], id=f"job-{number}")

if __name__ == "__main__":
    with rota.connect() as platform, platform.engine():
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            pool.map(start, range(4))
        jobs = [platform.background_jobs.get(f"job-{number}") for number in range(4)]
        print([str(job.wait(timeout=60).state) for job in jobs])
"""

OPENS_AT_IMPORT = (
    METHODS
    + """
import rota
platform = rota.connect()

def count() -> int:
    return len(platform.background_jobs.list())
"""
)


def run(shop: Shop, program: str) -> subprocess.CompletedProcess[str]:
    (shop.folder / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=shop.folder,
        env=environment(shop.database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (FORKS_A_CLIENT, "['after', 'before', 'child']\n{'completed'}"),
        (FORKS_INSIDE_AN_ENGINE, "done"),
        (LEAVES_A_CHILD_BEHIND, "the lock is free"),
        (SENDS_A_PLATFORM, "connections cannot be sent to another process: call rota.connect() there"),
        (USES_MULTIPROCESSING, "['completed', 'completed', 'completed', 'completed']"),
    ],
    ids=["a client", "inside an engine", "a child left behind", "pickle", "multiprocessing"],
)
def test_programs_with_several_processes(any_shop: Shop, program: str, words: str) -> None:
    assert run(any_shop, program).stdout.strip() == words


def test_a_method_whose_module_opens_a_platform(applied: Shop) -> None:
    applied.code(OPENS_AT_IMPORT)
    applied.rota("jobs", "start", "shop_jobs:count", "--id", "count")
    applied.rota("run", "--until-idle", "--no-apply")
    assert applied.job("count")["result"] == 1


def test_a_module_that_opens_a_database_that_is_not_there_says_so(shop: Shop) -> None:
    """The check of the code imports it: the way out is said in one line."""
    shop.code(OPENS_AT_IMPORT)
    done = shop.rota("validate", "shop", code=1)
    assert "importing shop_jobs raised DatabaseOlder" in done.stdout + done.stderr
    assert "rota database upgrade" in done.stdout + done.stderr
    shop.rota("database", "upgrade")
    shop.rota("validate", "shop")
    with rota.connect(shop.database):
        pass
