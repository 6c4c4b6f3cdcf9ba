"""An environment's overlay over the files of a configuration: what holds, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rota.configuration.load import Loaded, Loader, load
from rota.configuration.variables import Variables

Write = Callable[[str, str], Path]

BASE = """\
rota: 1
configuration: {name: shop, path: [], executors: {crawl: {kind: thread, workers: 4}}}
jobs:
  rates: &rates
    command: [echo, rates]
    schedule: {days_repeat_period: 1, begin_time: "06:00"}
    retry: {count: 3, interval: 10s}
    key: rates
  copy: *rates
"""
MORE = "rota: 1\njobs: {mail: {command: [echo, mail], use: false}}\n"


@pytest.fixture
def shop(write: Write, tmp_path: Path) -> Path:
    write("rota.yaml", BASE)
    write("more/mail.yaml", MORE)
    return tmp_path


def loaded(folder: Path, environment: str | None = "prod") -> Loaded:
    (only,) = load([folder], environment=environment, variables=Variables({}), code=False)
    return only


def test_mappings_merge_lists_replace_and_null_removes(shop: Path, write: Write) -> None:
    write(
        "environments/prod.yaml",
        """\
        rota: 1
        configuration: {executors: {crawl: {workers: 32}}, description: In production}
        jobs:
          rates: {command: [echo], schedule: {begin_time: "07:00"}, retry: {interval: null}, key: null}
          mail: null
          fresh: {command: [echo, fresh], use: false, timeout: null}
        """,
    )
    configuration = loaded(shop).configuration
    assert configuration is not None
    assert configuration.description == "In production"
    assert [spec.to_data() for spec in configuration.executors] == [{"kind": "thread", "workers": 32}]
    definitions = {definition.name: definition for definition in configuration.definitions}
    assert set(definitions) == {"rates", "copy", "fresh"}
    rates, copy = definitions["rates"].properties, definitions["copy"].properties
    assert (rates["command"], rates["key"], rates["retry"]["interval"]) == (["echo"], None, 0)
    assert rates["schedule"] == {**copy["schedule"], "begin_time": "07:00"}
    assert (copy["command"], copy["key"], copy["retry"]["interval"]) == (["echo", "rates"], "rates", 10)


def test_without_its_name_an_overlay_is_left_alone(shop: Path, write: Write) -> None:
    plain = loaded(shop, None).configuration
    write("environments/prod.yaml", "rota: 1\njobs: {mail: null}\n")
    write("environments/broken.yaml", "jobs: [")
    assert loaded(shop, None).configuration == plain
    assert loaded(shop).files == loaded(shop, None).files + 1


def test_a_problem_of_the_file_is_told_once_and_there(shop: Path, write: Write) -> None:
    write("more/mail.yaml", "rota: 1\njobs: {mail: {use: 7}}\n")
    write("environments/prod.yaml", "rota: 1\njobs: {mail: {key: x}}\n")
    assert [(Path(each.file or "").name, each.path) for each in loaded(shop).problems] == [
        ("mail.yaml", "jobs.mail"),
        ("mail.yaml", "jobs.mail.use"),
    ]


def test_what_an_overlay_breaks_is_told_at_what_it_took(shop: Path, write: Write) -> None:
    write("environments/prod.yaml", "rota: 1\njobs:\n  copy:\n    command: null\n")
    (problem,) = loaded(shop).errors
    assert (Path(problem.file or "").name, problem.line, problem.column) == ("prod.yaml", 4, 5)
    assert problem.message == "needs one of method and command"


def test_configurations_without_overlays_are_the_same_everywhere(write: Write, tmp_path: Path) -> None:
    write("shop/rota.yaml", BASE)
    write("bank/rota.yaml", "rota: 1\nconfiguration: {name: bank}\n")
    write("shop/environments/prod.yml", "rota: 1\njobs:\n")
    assert [each.errors for each in load([tmp_path], environment="prod", code=False)] == [(), ()]
    assert [problem.code for each in load([tmp_path], environment="dev", code=False) for problem in each.errors] == [
        "overlay.missing"
    ]


def test_an_overlay_alone_is_no_configuration(write: Write) -> None:
    (only,) = load([write("shop/environments/prod.yaml", "rota: 1\njobs: {}\n")], code=False)
    assert [problem.hint for problem in only.errors] == [
        "an overlay is checked with what it lies over: name the configuration's folder, with --environment"
    ]


def test_a_file_has_no_overlays(write: Write) -> None:
    (only,) = load([write("rota.yaml", BASE)], environment="prod", code=False)
    assert [problem.hint for problem in only.errors] == ["overlays are for configurations that are a folder"]


def test_what_goes_wrong_only_with_the_overlay_is_shown_in_the_overlay(shop: Path, write: Write) -> None:
    write(
        "environments/prod.yaml",
        """\
        rota: 1
        configuration: {executors: {crawl: null}}
        jobs:
          rates:
            timeout: 5m
            schedule: {cron: "@daily"}
        """,
    )
    write("more/web.yaml", "rota: 1\njobs: {web: {method: 'a:b', executor: crawl, use: false}}\n")
    problems = {(each.path, each.message): each for each in loaded(shop).errors}
    calendar = problems.pop(("jobs.rates.schedule.days_repeat_period", "days_repeat_period does not go with cron"))
    assert (calendar.file, calendar.line, calendar.column) == (str(shop / "environments/prod.yaml"), 6, 16)
    assert calendar.source == '    schedule: {cron: "@daily"}'
    elsewhere = next(each for each in problems.values() if each.path == "jobs.web.executor")
    assert (elsewhere.file, elsewhere.line, elsewhere.column) == (str(shop / "environments/prod.yaml"), 2, 29)
    assert elsewhere.hint == f"executor stands in {shop / 'more/web.yaml'}:2; there are process, thread, async, command"


def test_what_is_wrong_without_the_overlay_stays_where_it_is(shop: Path, write: Write) -> None:
    write("more/bad.yaml", "rota: 1\njobs: {bad: {command: [echo], executor: moon, use: false}}\n")
    write("environments/prod.yaml", "rota: 1\njobs: {bad: {timeout: 5m}}\n")
    (problem,) = loaded(shop).errors
    assert (problem.file, problem.message) == (str(shop / "more/bad.yaml"), "there is no executor 'moon'")


def each_environment(folder: Path, *, code: bool = False) -> dict[str | None, Loaded]:
    loaded = Loader(code=code).load([folder], variables=Variables({}), each_environment=True)
    return {each.environment: each for each in loaded}


def test_in_each_environment_the_overlays_own_errors_are_found(shop: Path, write: Write) -> None:
    write("environments/prod.yaml", "rota: 1\njobs: {mail: {timeout: 5m}}\n")
    write("environments/test.yml", "rota: 1\njobs: {mail: {timeout: soon}}\n")
    found = each_environment(shop)
    assert {name: [each.path for each in loaded.errors] for name, loaded in found.items()} == {
        None: [],
        "prod": [],
        "test": ["jobs.mail.timeout"],
    }
    assert found[None].configuration is not None
    assert found["prod"].configuration is None, "nobody asked for it, so nobody can apply it"


def test_what_belongs_to_another_environment_is_not_judged(shop: Path, write: Write) -> None:
    write(
        "environments/prod.yaml",
        """\
        rota: 1
        configuration: {path: [/srv/of/another/machine], modules: [far]}
        jobs:
          rates: {command: null, method: "far:away", schedule: {begin_time: "${BEGIN}"}}
        """,
    )
    prod = each_environment(shop, code=True)["prod"]
    assert (prod.errors, prod.depths) == ((), ("schema", "semantics"))
    assert [(each.code, each.line) for each in prod.warnings] == [("variable.missing", 4)]
    assert loaded(shop, "prod").errors, "who asks for it needs its variables"


def test_what_is_wrong_with_the_files_is_wrong_in_each_environment(shop: Path, write: Write) -> None:
    write("more/web.yaml", "rota: 1\njobs: {web: {command: ['${NOWHERE}'], use: false}}\n")
    write("environments/prod.yaml", "rota: 1\njobs: {mail: {key: '${NOWHERE}'}}\n")
    found = each_environment(shop)
    assert [each.path for each in found[None].problems] == ["jobs.web.command[0]"]
    assert [each.path for each in found["prod"].errors] == ["jobs.web.command[0]"]
    assert [each.path for each in found["prod"].warnings] == ["jobs.mail.key"]


def test_one_name_may_stand_for_a_configuration_in_each_environment(write: Write, tmp_path: Path) -> None:
    for name in ("shop", "bank"):
        write(f"{name}/rota.yaml", f"rota: 1\nconfiguration: {{name: {name}}}\n")
        write(f"{name}/environments/prod.yaml", "rota: 1\nconfiguration: {name: one}\n")
    write("bank/environments/test.yaml", "rota: 1\nconfiguration: {name: shop}\n")
    found = Loader(code=False).load([tmp_path], each_environment=True)
    assert [(each.source, each.environment) for each in found if each.errors] == [(str(tmp_path / "shop"), "prod")]


def test_a_folder_of_overlays_for_one_environment_is_told(shop: Path, write: Write) -> None:
    write("environments/prod/jobs.yaml", "rota: 1\n")
    write("environments/notes/readme.md", "")
    (problem,) = each_environment(shop)[None].errors
    assert (problem.code, problem.file) == ("overlay.place", str(shop / "environments/prod"))


@pytest.mark.parametrize(("named", "code"), [("nowhere", "file.missing"), (".", "file.none")])
def test_where_there_is_nothing_to_lay_it_over_that_is_all_there_is_to_tell(
    tmp_path: Path, named: str, code: str
) -> None:
    assert [problem.code for problem in loaded(tmp_path / named).problems] == [code]
