"""URLs of databases: which are taken, and how they are shown."""

from __future__ import annotations

import pytest

from rota.model.errors import UsageError
from rota.store import Store


@pytest.mark.parametrize(
    ("url", "shown", "sqlite"),
    [
        ("sqlite:///rota.db", "sqlite:///rota.db", True),
        ("sqlite:////var/rota.db?timeout=0.5", "sqlite:////var/rota.db?timeout=0.5", True),
        ("postgresql://u:secret@h/d", "postgresql+psycopg://u:***@h/d", False),
        ("postgres://h/d", "postgresql+psycopg://h/d", False),
        ("postgresql+psycopg://h:5433/d?sslmode=require", "postgresql+psycopg://h:5433/d?sslmode=require", False),
    ],
)
def test_a_url_is_understood_and_shown_without_its_password(url: str, shown: str, sqlite: bool) -> None:
    store = Store(url)
    assert store.url == shown
    assert store.is_sqlite is sqlite
    assert (store.file is not None) is sqlite


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "'' is not a database URL; for example sqlite:///rota.db"),
        ("rota.db", "'rota.db' is not a database URL"),
        ("postgresql://ann:secret@host:port/db", "'postgresql://ann:***@host:port/db' is not a database URL"),
        ("mysql://h/d", "database 'mysql' is not supported; sqlite and postgresql are"),
        ("sqlite://", "an SQLite database needs a file: sqlite:///rota.db"),
        ("sqlite:///:memory:", "an SQLite database needs a file"),
        ("sqlite:///rota.db?timeout=soon", "timeout is a number of seconds, not 'soon'"),
        ("postgresql+asyncpg://h/d", "driver 'postgresql+asyncpg' is not supported; write postgresql://"),
        ("sqlite+aiosqlite:///rota.db", "driver 'sqlite+aiosqlite' is not supported; write sqlite://"),
    ],
)
def test_a_url_that_cannot_be_used_is_said_in_one_line(url: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        Store(url)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
