"""Commands: an argv, never a shell, each in a process group of its own under a warm worker process.

A soft stop is SIGTERM to the command's group, a hard one SIGKILL. The worker between the engine and the command is what
ends the command when the engine dies.
"""

from __future__ import annotations

from rota.executors.pool import WorkerPool


class CommandExecutor(WorkerPool):
    """One worker per slot, and one command at a time in each."""
