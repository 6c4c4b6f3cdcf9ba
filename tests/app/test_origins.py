"""Where files come from, as git says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rota.app.facade import Platform
from rota.app.origins import origin_of
from rota.model.revision import NO_ORIGIN
from tests.support.shop import JOBS, Shop


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one commit, in a folder of its own."""
    tree = tmp_path / "tree"
    (tree / "shop").mkdir(parents=True)
    (tree / "shop" / "jobs.yaml").write_text("rota: 1\n")
    git(tree, "init", "--quiet")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "one")
    return tree


def git(tree: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *arguments]
    return subprocess.run(command, cwd=tree, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("source", ["shop", "shop/jobs.yaml"])
def test_a_clean_tree(tree: Path, source: str) -> None:
    found = origin_of(str(tree / source))
    assert (found.commit, found.clean, found.restores) == (git(tree, "rev-parse", "HEAD"), True, None)


def test_what_git_does_not_know_counts_if_it_could_be_applied(tree: Path) -> None:
    for name in ("rota.db", "shop/x.pyc", "notes.txt"):
        (tree / name).write_text("x")
    assert origin_of(str(tree / "shop")).clean
    (tree / "shop" / "more jobs.yaml").write_text("x")
    assert origin_of(str(tree / "shop")).clean is False


@pytest.mark.parametrize("change", ["edited", "staged", "deleted", "renamed"])
def test_a_tree_that_is_not_clean(tree: Path, change: str) -> None:
    file = tree / "shop" / "jobs.yaml"
    if change in {"edited", "staged"}:
        file.write_text("rota: 2\n")
    if change == "staged":
        git(tree, "add", ".")
    if change == "deleted":
        file.unlink()
    if change == "renamed":
        git(tree, "mv", "shop/jobs.yaml", "shop/other.yaml")
    assert origin_of(str(tree / "shop")).clean is False


def test_where_there_is_nothing_to_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origin_of(str(tmp_path)) == NO_ORIGIN, "no repository"
    assert origin_of(str(tmp_path / "nowhere" / "at all")) == NO_ORIGIN
    git(tmp_path, "init", "--quiet")
    assert origin_of(str(tmp_path)) == NO_ORIGIN, "no commit"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert origin_of(str(tmp_path)) == NO_ORIGIN, "no git"


def test_git_is_asked_where_something_is_applied_and_not_otherwise(
    platform: Platform, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, program = tmp_path / "asked", tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho asked >> '{asked}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    platform.configurations.apply(shop.folder / "shop", code=False)
    assert not asked.exists(), "the fixture has applied it"
    shop.jobs(JOBS.replace('"03:00"', '"04:00"'))
    platform.configurations.apply(shop.folder / "shop", code=False)
    assert asked.read_text() == "asked\n"


def test_in_a_hook_of_another_repository(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    found = origin_of(str(tree / "shop"))
    monkeypatch.delenv("GIT_DIR")
    assert found.commit == git(tree, "rev-parse", "HEAD")
