"""The PostgreSQL server of the benches, run in the peers' environment, which holds its binaries.

Called by postgresql.py. Prints the server's version; then each line on stdin is answered with the URL of a new, empty
database, while the one before it is dropped. The end of stdin ends the server.
"""

import sys

import psycopg

from tests.support.postgres import PostgresServer


def main() -> None:
    """Serve until stdin ends."""
    server = PostgresServer()
    try:
        server.start()
        _say(_version(server))
        used = ""
        for _ in sys.stdin:
            if used:
                server.drop_database(used)
            used = server.create_database()
            _say(_libpq(server.url(used)))
    finally:
        server.close()


def _libpq(url: str) -> str:
    """The URL without SQLAlchemy's driver, as every peer understands it."""
    return url.replace("postgresql+psycopg:", "postgresql:")


def _version(server: PostgresServer) -> str:
    """`18.6, fsync on, synchronous_commit on, shared_buffers 32MB`: the version and what its speed hangs on."""
    with psycopg.connect(_libpq(server.url())) as connection:
        shown = {
            name: connection.execute(f"show {name}").fetchone()[0]  # type: ignore[index]  # `show` gives one row
            for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        }
    return f"{shown.pop('server_version')}, " + ", ".join(f"{name} {value}" for name, value in shown.items())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
