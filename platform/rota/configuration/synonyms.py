"""What other tools call the keys of a job, a schedule or an executor. Called by wording, for hints.

By its letters alone, `start_time` is nearest to `start_within`, which means something else.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_NAMES: Final = {
    "args arguments kwargs params": ["parameters"],
    "cmd run script shell program exec": ["command"],
    "func function callable handler task target entrypoint": ["method"],
    "enabled enable active": ["use"],
    "env variables": ["environment"],
    "cwd workdir working_dir directory": ["working_directory"],
    "retries max_retries restart restarts attempts max_attempts": ["retry", "count"],
    "delay retry_delay wait": ["interval"],
    "max_delay": ["max_interval"],
    "deadline time_limit max_runtime": ["timeout"],
    "lock mutex concurrency_key": ["key"],
    "queue pool": ["executor"],
    "when trigger": ["schedule"],
    "type": ["kind"],
    "threads processes concurrency max_workers size": ["workers"],
    "start_time start at time from": ["begin_time"],
    "stop_time finish_time": ["end_time"],
    "start_date since": ["begin_date"],
    "stop_date until": ["end_date"],
    "every repeat_period period repeat_every": ["repeat_period_in_day"],
    "day_of_week dow weekdays days_of_week": ["week_days"],
    "day_of_month dom": ["day_in_month"],
    "tz zone time_zone": ["timezone"],
}
_MEANT: Final = {name: keys for names, keys in _NAMES.items() for name in names.split()}


def meant_by(name: str, known: Collection[str]) -> str | None:
    """Which of the `known` keys another tool calls so; a singular and its plural are one name to everybody."""
    candidates = [f"{name}s", name.removesuffix("s"), *_MEANT.get(name.lower().replace("-", "_"), ())]
    return next((each for each in candidates if each in known and each != name), None)
