"""Children that a process has left; each case in a process of its own, whose children it can count."""

from __future__ import annotations

import sys

import pytest

from rota.runtime.processes import PIPE, start_process
from tests.contracts.test_worker_executors import PLATFORM

CASES = {
    "none": ("", False),
    "one that has ended": ("subprocess.Popen(['true']).wait()", False),
    "one that has ended, and nobody has asked": ("ended()", False),
    "one that runs": ("subprocess.Popen(['sleep', '60'])", True),
    "one that runs, and one that has ended": ("subprocess.Popen(['sleep', '60']); ended()", True),
    "one that has left": ("subprocess.Popen(['sleep', '1'], start_new_session=True)", False),
}
if sys.platform == "linux":
    CASES["an orphan"] = ("subprocess.run(['sh', '-c', 'sleep 60 >/dev/null 2>&1 &'])", True)

PROGRAM = """\
import os, signal, subprocess
from rota.executors.children import adopt_orphans, any_left

def ended():
    child = subprocess.Popen(['true'])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

adopt_orphans()
DO
print(any_left(), any_left(), flush=True)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
os.killpg(0, signal.SIGTERM)
"""


@pytest.mark.parametrize("case", CASES)
def test_what_counts_as_left(case: str) -> None:
    code, expected = CASES[case]
    argv = [sys.executable, "-c", PROGRAM.replace("DO", code)]
    process = start_process(argv, environment={"PYTHONPATH": PLATFORM}, stdout=PIPE)
    output, _ = process.communicate(timeout=60)
    assert output.decode().split() == [str(expected)] * 2
