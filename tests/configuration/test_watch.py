"""Events of real folders."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rota.configuration.watch import MOST_FOLDERS, Watch

LIMIT = 30.0


@pytest.fixture
def heard() -> threading.Event:
    return threading.Event()


@pytest.fixture
def watch(heard: threading.Event) -> Iterator[Watch]:
    made = Watch(heard.set)
    yield made
    made.close()


def test_a_save_is_heard(tmp_path: Path, watch: Watch, heard: threading.Event) -> None:
    assert watch.follow({str(tmp_path)})
    (tmp_path / "a.yaml").write_text("a")
    assert heard.wait(LIMIT)


def test_it_says_nothing_of_what_looking_again_makes_good(tmp_path: Path, watch: Watch) -> None:
    assert watch.follow({str(tmp_path)})
    assert not logging.getLogger("watchdog.observers.inotify").isEnabledFor(logging.ERROR)


def test_a_folder_that_comes_or_goes_makes_another_look_at_the_folders_needed(
    tmp_path: Path, watch: Watch, heard: threading.Event
) -> None:
    watch.follow({str(tmp_path)})
    assert not watch.needs({str(tmp_path)})
    (tmp_path / "more").mkdir()
    assert heard.wait(LIMIT)
    assert watch.needs({str(tmp_path)})


def test_more_folders_than_can_be_watched(tmp_path: Path, watch: Watch) -> None:
    assert not watch.follow({str(tmp_path / str(number)) for number in range(MOST_FOLDERS + 1)})


def test_a_folder_that_is_not_there(tmp_path: Path, watch: Watch) -> None:
    assert not watch.follow({str(tmp_path / "gone")})
    assert watch.needs({str(tmp_path / "gone")})
