"""The documents that a fuzz run begins with: good ones of every kind, and the bad configurations."""

from __future__ import annotations

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

_LARGEST = 20_000
"""Bytes; larger files only make a run slow."""


def seeds() -> list[bytes]:
    """Every document once, in a fixed order; the whole one more often, since its mutants get furthest."""
    folders = (ROOT / "configurations", ROOT / "tests" / "bad_configurations")
    files = sorted(path for folder in folders for path in folder.rglob("*.yaml") if path.is_file())
    return [_WHOLE] * 150 + [path.read_bytes() for path in files if path.stat().st_size <= _LARGEST]
