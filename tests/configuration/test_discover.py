"""Which files belong to which configuration."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.configuration.discover import Group, discover

Write = Callable[[str, str], Path]

HEADER = "rota: 1\nconfiguration: {name: shop}\n"
JOBS = "rota: 1\njobs: {}\n"


def shape(groups: list[Group], folder: Path) -> dict[str, list[str]]:
    return {
        str(group.root.relative_to(folder)): [str(path.relative_to(folder)) for path in group.files] for group in groups
    }


def test_a_folder_is_a_configuration_with_all_files_below(tmp_path: Path, write: Write) -> None:
    for name in ("b.yaml", "a.yml", "sub/deeper/c.yaml", "sub/a.yaml"):
        write(name, JOBS)
    for name in ("notes.txt", ".hidden.yaml", ".git/config.yaml", "d.yaml~", "e.yaml.bak", "f.YAML"):
        write(name, "not: for us")
    write("rota.yaml", HEADER)
    groups = discover([tmp_path])
    assert shape(groups, tmp_path) == {".": ["a.yml", "b.yaml", "rota.yaml", "sub/a.yaml", "sub/deeper/c.yaml"]}
    assert groups[0].problems == []


def test_a_file_is_a_configuration_whatever_its_name(tmp_path: Path, write: Write) -> None:
    write("rota.conf", HEADER)
    assert shape(discover([tmp_path / "rota.conf"]), tmp_path) == {"rota.conf": ["rota.conf"]}


def test_a_folder_of_configurations(tmp_path: Path, write: Write) -> None:
    write("team/shop/rota.yaml", HEADER)
    write("team/shop/jobs/a.yaml", JOBS)
    write("team/bank/all/rota.yaml", HEADER)
    write("crm/rota.yaml", HEADER)
    write("README.md", "three configurations")
    assert shape(discover([tmp_path]), tmp_path) == {
        "crm": ["crm/rota.yaml"],
        "team/bank/all": ["team/bank/all/rota.yaml"],
        "team/shop": ["team/shop/jobs/a.yaml", "team/shop/rota.yaml"],
    }


def test_a_slip_in_a_header_leaves_the_configurations_apart(tmp_path: Path, write: Write) -> None:
    write("shop/rota.yaml", HEADER + "jobs: [")
    write("bank/rota.yaml", HEADER)
    assert shape(discover([tmp_path]), tmp_path) == {"bank": ["bank/rota.yaml"], "shop": ["shop/rota.yaml"]}


def test_a_header_may_lie_in_a_folder_beside_the_jobs(tmp_path: Path, write: Write) -> None:
    write("header/rota.yaml", HEADER)
    write("jobs/a.yaml", JOBS)
    assert shape(discover([tmp_path]), tmp_path) == {".": ["header/rota.yaml", "jobs/a.yaml"]}


def test_several_paths_and_none_twice(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("all/shop/rota.yaml", HEADER)
    write("all/bank/rota.yaml", HEADER)
    (tmp_path / "link").symlink_to("all/shop")
    monkeypatch.chdir(tmp_path)
    groups = discover([Path("all/shop"), Path("all"), Path("link"), Path("all/shop/../bank")])
    assert [str(group.root) for group in groups] == ["all/shop", "all/bank"]
    assert [document.name for group in groups for document in group.documents] == [
        "all/shop/rota.yaml",
        "all/bank/rota.yaml",
    ]


def test_linked_folders_are_followed_once(tmp_path: Path, write: Write) -> None:
    write("shop/rota.yaml", HEADER)
    write("common/jobs.yaml", JOBS)
    (tmp_path / "shop" / "common").symlink_to("../common")
    (tmp_path / "shop" / "round").symlink_to("../shop")
    assert shape(discover([tmp_path / "shop"]), tmp_path) == {"shop": ["shop/common/jobs.yaml", "shop/rota.yaml"]}


def test_linked_files_of_a_mounted_folder(tmp_path: Path, write: Write) -> None:
    # A mounted ConfigMap: visible links through a hidden link to a hidden folder.
    write("shop/..2026_01_01/rota.yaml", HEADER)
    (tmp_path / "shop" / "..data").symlink_to("..2026_01_01")
    (tmp_path / "shop" / "rota.yaml").symlink_to("..data/rota.yaml")
    assert shape(discover([tmp_path / "shop"]), tmp_path) == {"shop": ["shop/rota.yaml"]}


@pytest.mark.parametrize(
    ("make", "code", "message"),
    [
        (lambda _: None, "file.missing", "does not exist"),
        (lambda path: path.mkdir(), "file.none", "holds no YAML file"),
        (lambda path: path.symlink_to("nowhere"), "file.missing", "is a link to nowhere, which does not exist"),
        (os.mkfifo, "file.not-regular", "is a pipe or device, not a file"),
    ],
)
def test_what_is_no_configuration(tmp_path: Path, make: Callable[[Path], None], code: str, message: str) -> None:
    path = tmp_path / "shop"
    make(path)
    ((problem,),) = (group.problems for group in discover([path]))
    assert (problem.code, problem.message, problem.file) == (code, message, str(path))


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path, write: Write) -> None:
    write("rota.yaml", HEADER)
    write("a.yaml", "a: [")
    write("b.yaml", "")
    (tmp_path / "c.yaml").mkdir()
    (tmp_path / "d.yaml").symlink_to("gone")
    (group,) = discover([tmp_path])
    assert [document.path.name for document in group.documents] == ["rota.yaml"]
    assert [problem.code for problem in group.problems] == [
        *("yaml.syntax", "file.empty", "file.not-regular", "file.missing"),
    ]
