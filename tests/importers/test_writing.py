"""The new folder: complete or not there, and never over somebody's files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rota.configuration.load import load
from rota.importers.imported import Imported, ImportedJob, Place
from rota.importers.writing import write
from rota.model.errors import ConfigurationError, UsageError

PLACE = Place("old/jobs.txt", 7)


def imported(**body: Any) -> Imported:
    job = ImportedJob(
        name="rates",
        place=PLACE,
        body={"method": "shop_jobs.work:run", "schedule": {"cron": "@daily"}} | body,
        remarks=("said\nmuch: more",),
        findings=(PLACE.finding("no counterpart", job="rates"),),
    )
    return Imported(
        name="shop",
        importer="onec",
        source="old",
        timezone="UTC",
        jobs=(job,),
        modules=("shop_jobs",),
        files={"shop_jobs/__init__.py": '"""Work."""\n', "shop_jobs/work.py": "def run() -> None:\n    pass\n"},
    )


EXPECTED = """\
# yaml-language-server: $schema=configuration-1.json
#
# Imported by `rota import onec` from old.
rota: 1

configuration:
  name: shop
  timezone: UTC
  modules: [shop_jobs]

jobs:
  # From old/jobs.txt:7
  # said
  # much: more
  # Note: no counterpart
  rates:
    method: shop_jobs.work:run
    schedule: {cron: "@daily"}
"""


def test_the_folder_is_a_valid_configuration(tmp_path: Path) -> None:
    folder = tmp_path / "below" / "new"
    write(imported(), folder)
    assert (folder / "jobs.yaml").read_text() == EXPECTED
    assert (folder / "configuration-1.json").is_file()
    [loaded] = load([folder])
    assert (loaded.problems, loaded.jobs) == ((), 1)
    assert list(folder.parent.iterdir()) == [folder]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write(imported(), tmp_path)
    assert (tmp_path / "shop_jobs" / "work.py").is_file()


def test_what_is_there_stays_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").write_text("mine")
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(UsageError, match="is not empty; name another folder, or use --force"):
        write(imported(), tmp_path)
    assert (tmp_path / "jobs.yaml").read_text() == "mine"
    write(imported(), tmp_path, force=True)
    assert (tmp_path / "jobs.yaml").read_text() == EXPECTED
    assert (tmp_path / "notes").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="is a file, not a folder"):
        write(imported(), tmp_path / "file", force=True)


def test_what_is_invalid_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        write(imported(schedule={"cron": "99 * * * *"}, use="maybe"), tmp_path / "new")
    assert [str(problem).partition(": ")[0] for problem in caught.value.problems] == ["old/jobs.txt:7"] * 2
    assert not list(tmp_path.iterdir())


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    broken = replace(imported(), files={"a/b": "", "a": ""})
    with pytest.raises(UsageError, match="cannot be written: Is a directory"):
        write(broken, tmp_path / "new")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^--to .*/file/new: cannot be written: "):
        write(imported(), tmp_path / "file" / "new")
