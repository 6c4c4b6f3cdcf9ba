"""The examples of docs/hosting.md on real web servers with four workers each, and what happens when one is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import text

import rota
from rota.store import Store, schema
from tests.support.command_line import ROOT, environment
from tests.support.command_line import rota as command
from tests.support.pages import read_fences
from tests.support.waiting import wait_for

SERVERS = {
    "fastapi": ("uvicorn", "web_fastapi:app", "--workers", "4", "--port", "PORT"),
    "flask": ("gunicorn", "--config", "gunicorn.conf.py", "-w", "4", "-b", "127.0.0.1:PORT", "web_flask:app"),
    "django": ("gunicorn", "--config", "gunicorn.conf.py", "-w", "4", "-b", "127.0.0.1:PORT", "web_django:app"),
}


class Server:
    """A web server with the page's application."""

    def __init__(self, framework: str, folder: Path, database: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        arguments = [part.replace("PORT", str(self.port)) for part in SERVERS[framework]]
        self.log = (folder / "server.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env=environment(database),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def ask(self, path: str, method: str = "GET") -> Any:
        """The JSON that it answers with; None while it does not."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError):
            return None

    def close(self) -> None:
        workers = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        finally:
            self.process.kill()
            for worker in workers:
                with suppress(psutil.NoSuchProcess):
                    worker.kill()
            self.log.close()


@contextmanager
def serving(framework: str, folder: Path, database: str) -> Iterator[Server]:
    for fence in read_fences((ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")):
        if fence.file:
            (folder / fence.file).write_text(fence.text.split("\n", 1)[1], encoding="utf-8")
    store = Store(database)
    schema.upgrade(store)
    store.close()
    assert command("apply", "letters.yaml", database=database, cwd=folder).returncode == 0
    server = Server(framework, folder, database)
    try:
        yield server
    finally:
        server.close()


def nodes(store: Store) -> dict[int, str]:
    """The processes of the active nodes."""
    with store.read() as tx:
        return {
            row.process: row.id for row in tx.execute(text("SELECT process, id FROM rota_node WHERE ended_at IS NULL"))
        }


def write_letters(server: Server, count: int) -> list[str]:
    return [wait_for(lambda n=n: server.ask(f"/letters/customer-{n}", "POST"), "an answer")["id"] for n in range(count)]  # type: ignore[misc]


def all_written(server: Server, ids: list[str]) -> bool:
    return all((server.ask(f"/letters/{job}") or {}).get("state") == "completed" for job in ids)


@pytest.mark.parametrize("framework", SERVERS)
def test_four_workers_of_a_web_server(framework: str, tmp_path: Path, database_url: str) -> None:
    with serving(framework, tmp_path, database_url) as server:
        letters = write_letters(server, 8)
        wait_for(lambda: all_written(server, letters), "the letters", patience=60)
        store = Store(database_url)
        if store.is_sqlite:
            (engine,) = nodes(store)
        else:
            wait_for(lambda: len(nodes(store)) == 4, "four nodes", patience=60)
            engine = min(nodes(store))
        os.kill(engine, signal.SIGKILL)
        more = write_letters(server, 4)
        wait_for(lambda: all_written(server, more), "the letters after the engine's death", patience=60)
        require_one_run_for_each_occurrence(store)
        store.close()
    with rota.connect(database_url) as platform:
        assert not platform._context.engine_is_active() or not database_url.startswith("sqlite")
        assert {job.attempt for job in platform.background_jobs.list(method="letters:write")} == {1}


def require_one_run_for_each_occurrence(store: Store) -> None:
    with store.read() as tx:
        starts = list(
            tx.execute(text("SELECT nominal_start FROM rota_background_job WHERE scheduled_job IS NOT NULL")).scalars()
        )
    assert starts
    assert len(starts) == len(set(starts))
