"""The plugin costs a test run without jobs next to nothing."""

from __future__ import annotations

import subprocess
import sys

import rota
from rota.testing import TestPlatform
from tests.support.command_line import environment


def test_it_loads_nothing_of_rota_but_itself() -> None:
    program = (
        "import sys, rota.testing.plugin; print(*sorted(n for n in sys.modules if n.startswith(('rota', 'sqlalch'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["rota", "rota.testing", "rota.testing.plugin"]


def test_each_test_has_a_database_of_its_own(rota_platform: TestPlatform) -> None:
    assert isinstance(rota_platform, rota.Platform)
    assert rota_platform.background_jobs.list() == []
