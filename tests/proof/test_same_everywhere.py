"""The same schedule has the same answers on every machine, platform and version of Python.

Schedules are drawn from a stated seed in a way that no version of Python changes, in years whose clock changes are
settled. Digests of the answers are in `answers.txt`; `python -m tests.proof.test_same_everywhere`, with `platform` on
the import path, writes it anew.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from rota.schedule import Schedule
from tests.schedule.drawn import as_yaml
from tests.support.command_line import environment

T = TypeVar("T")

SEED = 20260302
SCHEDULES = 400
DIGESTS = Path(__file__).with_name("answers.txt")

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago",
    "Africa/Casablanca", "Asia/Kathmandu", "Antarctica/Troll", "Asia/Tehran", "America/St_Johns",
)  # fmt: skip
TIMES = ("00:00", "00:30", "01:00", "01:59:59", "02:00", "02:15", "02:30", "03:00", "09:00", "20:00", "23:59:59")
CRONS = ("*/20 * * * *", "0 2 * * *", "30 1-3 * * 1-5", "15 0,2,23 1,15 * 7", "0 0 */2 * 5", "@monthly", "5 4 29 2 *")


class Drawing:
    """Draws by nothing but `Random.random`, whose values for a seed Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def number(self, low: int, high: int) -> int:
        return low + int(self._random() * (high - low + 1))

    def one_of(self, values: tuple[T, ...]) -> T:
        return values[self.number(0, len(values) - 1)]

    def some(self, low: int, high: int) -> list[int]:
        return [number for number in range(low, high + 1) if self._random() < 0.6] or [low]

    def member(self) -> dict[str, Any]:
        if self.number(0, 4) == 0:
            return {"timezone": self.one_of(ZONES), "cron": self.one_of(CRONS)}
        data: dict[str, Any] = {"timezone": self.one_of(ZONES), "days_repeat_period": self.one_of((1, 1, 1, 2, 3, 0))}
        data["begin_time"] = self.one_of(TIMES)
        optional: dict[str, Any] = {
            "end_time": self.one_of(tuple(each for each in TIMES if each != data["begin_time"])),
            "repeat_period_in_day": self.one_of((600, 1000, 3600, 7200)),
            "completion_time": self.one_of(TIMES),
            "start_within": self.one_of((60, 5000)),
            "weeks_period": self.number(2, 3),
            "week_days": self.some(1, 7),
            "months": self.some(1, 12),
            "day_in_month": self.one_of((1, 15, 31, -1, -3)),
            "week_day_in_month": self.one_of((1, 2, -1)),
        }
        return data | {key: value for key, value in optional.items() if self.number(0, 3) == 0}

    def instant(self) -> datetime:
        return datetime(2016, 1, 1, tzinfo=UTC) + timedelta(minutes=self.number(0, 5 * 365 * 24 * 60))


def answers() -> Iterator[tuple[list[dict[str, Any]], str]]:
    """Each schedule, and its next occurrences in words."""
    drawing = Drawing(SEED)
    for _ in range(SCHEDULES):
        members, since = [drawing.member() for _ in range(drawing.number(1, 2))], drawing.instant()
        found = Schedule.parse(members).next_occurrences(since, 12, since)
        words = [f"{each.start.isoformat()} to {each.closes_at.isoformat()}, {each.stop_at}" for each in found]
        yield members, f"after {since.isoformat()}\n" + "\n".join(words)


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def test_the_answers_are_those_of_every_other_machine() -> None:
    expected = DIGESTS.read_text(encoding="utf-8").split()
    for (members, words), known in zip(answers(), expected, strict=True):
        assert digest(words) == known, f"other answers than elsewhere:\n{as_yaml(members)}{words}"


def test_the_zone_data_of_the_machine_makes_no_difference(tmp_path: Path) -> None:
    """A machine on which Berlin has the clock of Tokyo, and knows a zone that nobody else does."""
    tokyo = (files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes()
    (tmp_path / "Europe").mkdir()
    for name in ("Europe/Berlin", "Europe/Atlantis"):
        (tmp_path / name).write_bytes(tokyo)
    question = [sys.executable, "-m", "rota", "schedule", "next", "--count", "1", "--from", "2026-06-01"]
    facts: dict[str, Any] = {"env": environment() | {"PYTHONTZPATH": str(tmp_path)}, "text": True, "timeout": 120}
    schedule = '{days_repeat_period: 1, begin_time: "09:00", timezone: Europe/%s}'
    berlin = subprocess.run([*question, schedule % "Berlin"], capture_output=True, check=True, **facts)
    assert berlin.stdout == "Mon 2026-06-01 09:00:00 +0200 (07:00:00 UTC)\n"
    atlantis = subprocess.run([*question, schedule % "Atlantis"], capture_output=True, check=False, **facts)
    assert atlantis.returncode == 2
    assert "'Europe/Atlantis' is not a known time zone" in atlantis.stderr


if __name__ == "__main__":
    DIGESTS.write_text("".join(f"{digest(words)}\n" for _, words in answers()), encoding="utf-8")
