"""Python methods in warm worker processes: the default. A crash, a leak or a `sys.exit` hurts one attempt."""

from __future__ import annotations

from rota.executors.pool import WorkerPool


class ProcessExecutor(WorkerPool):
    """One worker per slot. A soft stop raises `JobCancelled` in the method, a hard one kills the worker's group."""
