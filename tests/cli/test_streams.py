"""Streams that are closed, and locales that know few letters: seen from outside, as a shell gives them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import environment
from tests.support.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path, f"sqlite:///{tmp_path}/rota.db")
    made.jobs("  rates: {command: [echo], description: Zürich 日本 😀}\n")
    return made


def in_shell(shop: Shop, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", line.replace("rota ", f"{sys.executable} -m rota ")],
        cwd=shop.folder,
        env={**environment(shop.database), **more},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_leads_nowhere(shop: Shop, closed: str) -> None:
    done = in_shell(shop, f"rota apply shop {closed}")
    assert done.returncode == 0, done.stderr
    assert b"mistake" not in done.stderr
    assert b"revision" in in_shell(shop, "rota history --format json").stdout


@pytest.mark.parametrize(
    "wish", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}]
)
def test_every_letter_is_written_whatever_the_locale(shop: Shop, wish: dict[str, str]) -> None:
    plan = in_shell(shop, "rota plan shop --format json", **wish)
    assert plan.returncode == 0, plan.stderr
    (changes,) = [each["changes"] for each in json.loads(plan.stdout)]
    assert [each["properties"]["description"]["to"] for each in changes if each["kind"] == "definition"] == [
        "Zürich 日本 😀"
    ]
    assert "Zürich 日本 😀" in in_shell(shop, "rota apply shop", **wish).stdout.decode()
