"""What a plan holds of checked files, and who is believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs

from rota.app import checked
from rota.app.surroundings import Surroundings
from rota.app.validation import loader_of, require_valid
from rota.plan import Allowed
from rota.plan.saved import SavedPlans, save
from rota.reconcile.reconciler import plan_for_new_database

HERE = Surroundings()
JOBS = """\
rota: 1
configuration: {name: shop, timezone: Europe/Berlin, executors: {crawl: {kind: thread, workers: 2}}}
jobs:
  z: {command: [echo, "é"], working_directory: files, schedule: {cron: "0 4 * * *"}, timeout: 5m}
  a: {command: [echo], use: false, renamed_from: b, retry: {count: 3, interval: 10s}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "jobs.yaml").write_text(JOBS)
    return tmp_path / "shop"


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ROTA_PLAN_KEY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def planned(folder: Path) -> SavedPlans:
    """As it comes out of its file."""
    loader = loader_of([folder], code=False, surroundings=HERE)
    configurations = require_valid(loader.load())
    plans = [plan_for_new_database(each, Allowed()) for each in configurations]
    saved = save(plans, [each.source for each in configurations], Allowed())
    return SavedPlans.from_json(checked.sealed(saved, loader.inputs(), configurations).to_json())


def test_what_was_found_right_is_not_checked_again(folder: Path) -> None:
    (read,) = require_valid(loader_of([folder], code=False, surroundings=HERE).load())
    known = checked.recall(planned(folder), [folder], HERE)
    assert known == [read]
    assert [each.name for each in known[0].definitions] == ["z", "a"]
    assert known[0].seal() == read.digest


def test_it_lies_where_it_is_applied(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    saved = planned(Path("shop"))
    elsewhere = tmp_path / "other" / "shop"
    elsewhere.mkdir(parents=True)
    (elsewhere / "jobs.yaml").write_text(JOBS)
    monkeypatch.chdir(elsewhere.parent)
    known = checked.recall(saved, [Path("shop")], HERE)
    assert known is not None
    assert known[0].root == str(elsewhere)


@pytest.mark.parametrize(
    "change",
    [
        {"configurations": []},
        {"version": "0.0.1"},
    ],
    ids=["other jobs", "another version"],
)
def test_what_was_altered_is_not_believed(folder: Path, change: dict[str, Any]) -> None:
    saved = planned(folder)
    altered = msgspec.json.encode(msgspec.json.decode(saved.checked) | change)
    for other in ({"checked": msgspec.Raw(altered)}, {"seal": None}, {"seal": "é"}):
        assert checked.recall(structs.replace(saved, **other), [folder], HERE) is None
    assert checked.recall(saved, [folder], HERE) is not None


def test_another_version_checks_by_its_own_rules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = planned(folder)
    monkeypatch.setattr(checked, "__version__", "99.0.0")
    assert checked.recall(saved, [folder], HERE) is None


def test_other_files_are_checked(folder: Path) -> None:
    saved = planned(folder)
    (folder / "jobs.yaml").write_text(JOBS + "\n")
    assert checked.recall(saved, [folder], HERE) is None


def test_whoever_has_no_key_or_another_one_checks_by_himself(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    saved = planned(folder)
    key = tmp_path / "state" / "rota" / "plan.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in key.parent.iterdir()] == ["plan.key"]
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    assert checked.recall(saved, [folder], HERE) is None
    planned(folder)
    assert checked.recall(saved, [folder], HERE) is None
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "shop" / "jobs.yaml"))
    assert planned(folder).seal is None


def test_the_machines_of_a_pipeline_share_a_key(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROTA_PLAN_KEY", "a secret")
    saved = planned(folder)
    assert not (tmp_path / "state").exists()
    assert checked.recall(saved, [folder], HERE) is not None
    monkeypatch.setenv("ROTA_PLAN_KEY", "another")
    assert checked.recall(saved, [folder], HERE) is None
