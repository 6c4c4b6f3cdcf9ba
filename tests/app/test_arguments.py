"""What callers give by mistake is refused where they gave it, and nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import rota
from rota.app.facade import Platform
from rota.model.errors import UsageError
from tests.support.shop import Shop


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    shop = Shop(tmp_path, f"sqlite:///{tmp_path}/rota.db")
    shop.apply()
    with rota.connect(shop.database) as platform:
        yield platform


MISTAKES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "wait": (
        lambda it: it.background_jobs.wait([], timeout="1m"),
        "timeout is a number of seconds, not '1m'",
    ),
    "a span": (
        lambda it: it.background_jobs.wait([], timeout=timedelta(1)),
        "timeout is a number of seconds",
    ),
    "nan": (lambda it: it.background_jobs.wait([], timeout=float("nan")), "timeout is a number of seconds"),
    "cancel": (
        lambda it: it.background_jobs.start_command(["true"]).cancel(grace="10s"),
        "grace is a number of seconds, not '10s'",
    ),
    "state": (lambda it: it.background_jobs.list(state="done"), "state 'done': it is one of queued, "),
    "list": (
        lambda it: it.background_jobs.list(ended_after="2030"),
        "ended_after is a datetime, not '2030'",
    ),
    "audit": (lambda it: it.audit.list(since="1h"), "since is a datetime, not '1h'"),
    "no zone": (
        lambda it: it.audit.list(until=datetime(2030, 1, 1)),  # noqa: DTZ001 -- this is the mistake
        "until needs a time zone",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_is_said_in_words(platform: Platform, mistake: str) -> None:
    act, words = MISTAKES[mistake]
    with pytest.raises(UsageError) as caught:
        act(platform)
    assert words in str(caught.value)


def test_what_is_right_is_taken(platform: Platform) -> None:
    job = platform.background_jobs.start_command(["true"])
    assert platform.background_jobs.wait(job, timeout=0).timed_out, "one job needs no list"
    assert platform.background_jobs.wait(job.id, timeout=0.0).pending[0].id == job.id
    assert platform.background_jobs.list(state="queued", ended_after=datetime(2030, 1, 1, tzinfo=UTC)) == []
    assert job.cancel(grace=1).state == "cancelled"


def test_a_database_is_a_url(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named by a URL such as sqlite:///rota"):
        rota.connect(tmp_path / "rota.db")  # type: ignore[arg-type]
