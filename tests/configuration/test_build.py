"""Checked files to the values of the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from rota.configuration.build import from_document, from_text
from rota.configuration.load import load
from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.retry import RetryPolicy
from rota.model.values import canonical
from rota.schedule import Schedule

Write = Callable[[str, str], Path]

FULL = """
    rota: 1
    configuration:
      name: shop
      description: Nightly and hourly work of the web shop
      timezone: Europe/Berlin
      modules: [shop_jobs]
      path: [., lib]
      executors:
        crawl: {kind: thread, workers: 32}
      defaults:
        executor: crawl
        retry: {count: 3, interval: 10s}
      retention: {age: 2d, count: 50}
    jobs:
      exchange-rates:
        description: Load the central bank's rates
        method: shop_jobs.rates:load
        parameters: {currencies: [USD, GBP]}
        key: rates
        predefined: true
        use: true
        retry: {count: 5, interval: 1m, backoff: 2.0, max_interval: 1h}
        schedule: {days_repeat_period: 1, begin_time: "06:00", end_time: "22:00", repeat_period_in_day: 1h}
        executor: process
        timeout: 10m
        user: accounting
        priority: 5
        renamed_from: load-rates
      dump:
        command: [pg_dump, shop]
        environment: {PGHOST: db}
        working_directory: dumps
        ok_exit_codes: [0, 3]
        schedule: {cron: 30 2 * * *}
      letter:
        method: shop_jobs.mail:send
        predefined: false
"""


def build(path: Path) -> Configuration:
    (loaded,) = load([path], code=False)
    assert loaded.problems == ()
    assert loaded.configuration is not None
    return loaded.configuration


def test_everything_that_is_declared(write: Write, tmp_path: Path) -> None:
    configuration = build(write("rota.yaml", FULL))
    assert configuration.name == "shop"
    assert configuration.timezone == "Europe/Berlin"
    assert configuration.modules == ("shop_jobs",)
    assert configuration.path == (".", "lib")
    assert configuration.root == str(tmp_path)
    assert configuration.executors == (ExecutorSpec(name="crawl", kind="thread", workers=32),)
    assert configuration.retention == Retention(age=2 * 86_400, count=50)
    assert configuration.source == str(tmp_path / "rota.yaml")
    rates, dump, letter = configuration.definitions
    schedule = {"days_repeat_period": 1, "begin_time": "06:00", "end_time": "22:00", "repeat_period_in_day": 3600}
    assert rates.schedule is not None
    assert rates.schedule.to_data() == Schedule.parse(schedule, timezone="Europe/Berlin").to_data()
    assert (
        rates.properties
        == Definition(
            name="exchange-rates",
            method="shop_jobs.rates:load",
            description="Load the central bank's rates",
            parameters={"currencies": ["USD", "GBP"]},
            key="rates",
            retry=RetryPolicy(count=5, interval=60, backoff=2.0, max_interval=3600),
            schedule=rates.schedule,
            executor="process",
            timeout=600,
            user="accounting",
            priority=5,
        ).properties
    )
    assert rates.renamed_from == "load-rates"
    assert (dump.command, dump.executor) == (("pg_dump", "shop"), "command")
    assert (dump.environment, dump.working_directory) == ({"PGHOST": "db"}, "dumps")
    assert (dump.ok_exit_codes, rates.ok_exit_codes) == ((0, 3), (0,))
    assert (letter.executor, letter.retry, letter.predefined) == ("crawl", RetryPolicy(count=3, interval=10), False)


def test_what_is_left_out_has_its_default(write: Write) -> None:
    text = "rota: 1\nconfiguration: {name: a, modules: [m]}\njobs:\n  j: {method: 'm:f', use: false}\n"
    configuration = build(write("rota.yaml", text))
    assert configuration.definitions == (Definition(name="j", method="m:f", use=False),)
    assert (configuration.timezone, configuration.path) == ("UTC", (".",))
    assert configuration.retention == Retention()


@pytest.mark.parametrize("jobs", ["", "jobs:\n", "jobs: {}\n"])
def test_a_configuration_without_jobs_is_one(write: Write, jobs: str) -> None:
    assert build(write("rota.yaml", "rota: 1\nconfiguration: {name: a}\n" + jobs)).definitions == ()


def test_a_default_executor_holds_for_the_jobs_that_it_can_run(write: Write) -> None:
    text = """
        rota: 1
        configuration:
          name: a
          modules: [m]
          executors: {shell: {kind: command, workers: 2}}
          defaults: {executor: shell}
        jobs:
          c: {command: [echo], use: false}
          m: {method: 'm:f', use: false}
    """
    definitions = build(write("rota.yaml", text)).definitions
    assert {definition.name: definition.executor for definition in definitions} == {"c": "shell", "m": "process"}


def test_a_document_comes_back_to_life(write: Write) -> None:
    configuration = build(write("rota.yaml", FULL))
    stored = json.loads(json.dumps(configuration.document))
    again = from_document(stored, source=configuration.source)
    assert again.document == configuration.document
    assert again.digest == configuration.digest
    assert again.path == configuration.path
    assert [each.properties for each in again.definitions] == [each.properties for each in configuration.definitions]
    assert again.definitions[0].renamed_from == "load-rates"


def test_a_text_comes_back_to_life_as_it_was(write: Write) -> None:
    configuration = build(write("rota.yaml", FULL))
    text, root = configuration.text, Path(configuration.root)
    again = from_text(text, configuration.digest, source=configuration.source, root=root)
    assert again == configuration
    assert again.seal() == configuration.digest
    assert again.text == text


def test_the_digest_is_that_of_the_canonical_document_with_digests_for_jobs(write: Write) -> None:
    # Names of which one is the beginning of another, or has a character that comes early.
    more = "".join(
        f"\n      {name}: {{use: false, command: [echo, 'é\\0\"']}}" for name in ("a", "a-b", "a0", "ab", "a-", "0a")
    )
    configuration = build(write("rota.yaml", FULL.rstrip().replace("letter:", "letter-0:") + more + "\n"))
    document = configuration.document
    assert json.loads(configuration.text) == document
    entries = {name: b'"%b":%b' % (name.encode(), canonical(body)) for name, body in document["jobs"].items()}
    sealed = {**document, "jobs": {name: sha256(entry).hexdigest() for name, entry in entries.items()}}
    assert configuration.digest == sha256(canonical(sealed)).hexdigest()


def test_the_digest_is_of_the_meaning_not_of_the_text(write: Write) -> None:
    first = build(write("rota.yaml", FULL)).digest
    other = FULL.replace("10m", "600").replace("key: rates", "'key': \"rates\"  # a comment")
    assert build(write("rota.yaml", other)).digest == first
    assert build(write("rota.yaml", FULL.replace("timeout: 10m", "timeout: 11m"))).digest != first


def test_jobs_of_several_files_are_one_configuration(write: Write, tmp_path: Path) -> None:
    header, jobs = FULL.split("    jobs:\n")
    rates, dump = jobs.split("      dump:\n")
    whole = build(write("one/rota.yaml", FULL))
    write("one/jobs/b.yaml", f"    rota: 1\n    jobs:\n      dump:\n{dump}")
    write("one/jobs/a.yaml", f"    rota: 1\n    jobs:\n{rates}")
    write("one/rota.yaml", header)
    split = build(tmp_path / "one")
    assert split.digest == whole.digest
    assert split.source == str(tmp_path / "one")
