"""`current_job`. What it does inside a job is held in tests/contracts."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from rota import current_job
from rota.runtime.processes import PIPE, start_process


@pytest.mark.parametrize(
    "use",
    [
        lambda: current_job.id,
        lambda: current_job.log,
        lambda: current_job.cancelled,
        lambda: current_job.message("text"),
        lambda: current_job.output(1),
        lambda: current_job.progress(0.5),
        current_job.check_cancelled,
    ],
)
def test_outside_a_job_every_use_says_so(use: Callable[[], object]) -> None:
    with pytest.raises(RuntimeError, match="outside a job"):
        use()


def test_importing_it_is_cheap() -> None:
    heavy = "asyncio", "logging", "msgspec", "socket", "sqlalchemy", "subprocess", "typer", "yaml"
    script = "import sys; before = set(sys.modules); from rota import current_job; print(*set(sys.modules) - before)"
    folder = next(path for path in sys.path if path.endswith("platform"))
    process = start_process([sys.executable, "-c", script], environment={"PYTHONPATH": folder}, stdout=PIPE)
    output, _ = process.communicate()
    assert "rota.executors.current" in output.decode().split()
    assert not set(heavy) & set(output.decode().split())
