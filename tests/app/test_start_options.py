"""How background jobs are to be started: what is refused, and when a job is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rota.app.start_options import LONGEST_TEXT, Start
from rota.model.errors import UsageError
from rota.model.retry import RetryPolicy

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
EXECUTORS = ("process", "thread")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"id": "2026-05:rates_v1.a"},
        {"key": "x" * LONGEST_TEXT, "name": "Курсы сейчас"},
        {"executor": "thread", "priority": -1_000_000, "timeout": 0.001, "on_conflict": "wait"},
        {"retry": RetryPolicy(count=3, interval=10)},
    ],
)
def test_what_is_sound(options: dict[str, Any]) -> None:
    how = Start(**options)
    how.require_sound(EXECUTORS, "methods")
    assert how.due(NOW) == NOW


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executor": "nowhere"}, "no executor 'nowhere' for methods: process, thread"),
        ({"on_conflict": "fight"}, "on_conflict is one of error, skip, wait, not 'fight'"),
        ({"id": ""}, "id '': up to 100 letters"),
        ({"id": "-a"}, "id '-a'"),
        ({"id": "a" * 101}, "up to 100 letters"),
        ({"id": 7}, "id 7"),
        ({"key": ""}, "a key is a text of 1 to 255 printable characters, not ''"),
        ({"name": "a\nb"}, "a name is a text of 1 to 255 printable characters"),
        ({"name": "x" * (LONGEST_TEXT + 1)}, "a name is a text of 1 to 255"),
        ({"priority": True}, "priority is a whole number up to 1000000, not True"),
        ({"priority": 1.0}, "priority is a whole number"),
        ({"priority": 1_000_001}, "priority is a whole number"),
        ({"timeout": 0}, "timeout is a number of seconds above 0, not 0"),
        ({"timeout": float("nan")}, "timeout is a number of seconds above 0, not nan"),
        ({"retry": 3}, "retry is a RetryPolicy"),
        ({"retry": RetryPolicy(count=-1)}, "retry is a RetryPolicy with a count and an interval of 0 or more"),
    ],
)
def test_what_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        Start(**options).require_sound(EXECUTORS, "methods")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("options", "due"),
    [
        ({"delay": 90}, NOW + timedelta(seconds=90)),
        ({"delay": timedelta(hours=1)}, NOW + timedelta(hours=1)),
        ({"delay": 0}, NOW),
        ({"due_at": NOW - timedelta(days=1)}, NOW - timedelta(days=1)),
    ],
)
def test_a_start_may_be_for_later(options: dict[str, Any], due: datetime) -> None:
    assert Start(**options).due(NOW) == due


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delay": 1, "due_at": NOW}, "delay and due_at exclude each other"),
        ({"due_at": NOW.replace(tzinfo=None)}, "due_at needs a time zone"),
        ({"delay": -1}, "delay -1 lies in the past"),
        ({"delay": 1e30}, "delay 1e[+]30: "),
        ({"delay": float("nan")}, "delay nan: "),
    ],
)
def test_an_instant_that_is_none(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Start(**options).due(NOW)
