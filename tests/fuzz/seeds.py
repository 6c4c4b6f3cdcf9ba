"""The configurations that a fuzz run begins with: good ones of every kind, and the bad ones."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.mutations import Files
from tests.support.command_line import ROOT

_WHOLE = b"""\
rota: 1
configuration:
  name: shop
  description: ${TITLE:-Nightly work}
  timezone: Europe/Berlin
  modules: [shop_jobs]
  executors: {crawl: {kind: thread, workers: 4}}
  defaults: {retry: {count: 3, interval: 10s}, priority: 2}
  retention: {age: 1d, count: 10}
jobs:
  rates:
    method: shop_jobs.rates:load
    parameters: &p {currencies: [USD, GBP], deep: {a: [1, 2.5, null, true]}}
    key: rates
    retry: {count: 5, interval: 1m, backoff: 2.0, max_interval: 1h, on_timeout: false}
    schedule: {days_repeat_period: 1, week_days: [mon, 5], begin_time: "06:00", end_time: "22:00",
      repeat_period_in_day: 1h}
    executor: crawl
    timeout: 10m
  again: {method: "shop_jobs:f", parameters: *p, predefined: false}
  backup:
    command: [pg_dump, "--file=x", shop]
    schedule: [{cron: "30 2 * * *", timezone: UTC}, {days_repeat_period: 1, day_in_month: -1}]
"""

_MORE = b"""\
rota: 1
jobs:
  mail: {command: [mail, "${HOME}"], environment: {LANG: C.UTF-8}, ok_exit_codes: [0, 75], schedule: {cron: "@daily"}}
  report:
    method: shop_jobs.reports:send
    renamed_from: letters
    schedule: {days_repeat_period: 1, detailed_daily_schedules: [{begin_time: "09:00"}, {begin_time: "14:00"}]}
"""

_OVERLAY = b"""\
rota: 1
configuration:
  timezone: ${ZONE:-UTC}
  executors: {crawl: {workers: 64}}
  defaults: {priority: null}
jobs:
  rates: {schedule: {begin_time: "05:00", end_time: null}, key: null, retry: {count: 1}}
  backup: null
  fresh: {command: [echo], use: false}
"""

_SEVERAL: Files = {"rota.yaml": _WHOLE, "more/jobs.yml": _MORE, "environments/prod.yaml": _OVERLAY}

_LARGEST = 20_000
"""Bytes; larger files only make a run slow."""


def seeds() -> list[Files]:
    """Every configuration once, in a fixed order; the good ones more often, since their mutants get furthest."""
    folders = (ROOT / "configurations", ROOT / "tests" / "bad_configurations")
    roots = sorted(path for folder in folders for path in folder.iterdir())
    found = [files for root in roots if (files := _files(root))]
    return [{"rota.yaml": _WHOLE}] * 120 + [_SEVERAL] * 120 + found


def _files(root: Path) -> dict[str, bytes]:
    """The YAML files of a configuration, which is a folder or a file."""
    paths = [root] if root.is_file() else sorted(root.rglob("*.y*ml"))
    folder = root.parent if root.is_file() else root
    files = [path for path in paths if path.is_file() and path.suffix in {".yaml", ".yml"}]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if _is_small(path)}


def _is_small(path: Path) -> bool:
    return path.stat().st_size <= _LARGEST
