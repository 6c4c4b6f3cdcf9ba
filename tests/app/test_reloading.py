"""Files change as editors, git, deployments and Kubernetes change them; what is in force follows, or stays as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from rota.model.event import Name
from rota.runtime import pinned_code
from rota.runtime.loading import load_function
from rota.store import revisions
from tests.support.command_line import rota
from tests.support.reloading import HEADER, Reloading, jobs, reloading

Follow = Callable[..., AbstractContextManager[Reloading]]


@pytest.fixture(params=["events", "poll"])
def follow(request: pytest.FixtureRequest, tmp_path: Path) -> Follow:
    """Follows a path, by events or without."""
    return lambda path: reloading(path, f"sqlite:///{tmp_path}/rota.db", poll=request.param == "poll")


@pytest.fixture(autouse=True)
def _code_stays_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pinned_code._finder, "sources", None)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("reloaded_jobs", None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with two jobs, at version 1."""
    made = tmp_path / "shop"
    made.mkdir()
    (made / "rota.yaml").write_text(HEADER)
    (made / "jobs.yaml").write_text(jobs(a="1", b="1"))
    return made


# Saves


def test_a_save_is_applied(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        assert it.keys() == {"a": "1", "b": "1"}
        (folder / "jobs.yaml").write_text(jobs(a="2", b="1"))
        it.wait_for_keys(a="2", b="1")
        facts = it.wait_for_said(Name.CONFIGURATION_APPLIED, 2)
        assert (facts["name"], facts["revision"]) == ("shop", 2)
        assert [change.name for change in facts["plan"].changes] == ["a"]


def test_a_new_file_in_a_new_folder_counts_and_goes_again(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        (folder / "more" / "deep").mkdir(parents=True)
        (folder / "more" / "deep" / "c.yaml").write_text(jobs(c="1"))
        it.wait_for_keys(a="1", b="1", c="1")
        (folder / "more" / "deep" / "c.yaml").write_text(jobs(c="2"))
        it.wait_for_keys(a="1", b="1", c="2")
        shutil.rmtree(folder / "more")
        it.wait_for_keys(a="1", b="1")


def test_an_editor_that_writes_by_rename(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        for version in "234":
            (folder / "jobs.yaml").rename(folder / "jobs.yaml~")
            (folder / "4913").touch()
            (folder / ".jobs.yaml.swp").write_text(jobs(a=version, b="1"))
            (folder / ".jobs.yaml.swp").rename(folder / "jobs.yaml")
            it.wait_for_keys(a=version, b="1")


def test_a_burst_of_saves_ends_in_the_last_one(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        for version in range(500):
            (folder / "jobs.yaml").write_text(jobs(a=str(version), b="1"))
        it.wait_for_keys(a="499", b="1")
        assert len(it.said(Name.CONFIGURATION_APPLIED)) < 50


# What is wrong


def test_an_invalid_edit_is_shown_and_changes_nothing_and_the_next_good_one_is_applied(
    folder: Path, follow: Follow
) -> None:
    with follow(folder) as it:
        (folder / "jobs.yaml").write_text(jobs(a="2", b="1") + "  c: {colour: red}\n")
        facts = it.wait_for_said(Name.CONFIGURATION_REFUSED)
        assert {(Path(each.file).name, each.line) for each in facts["problems"]} == {("jobs.yaml", 5)}
        assert it.keys() == {"a": "1", "b": "1"}
        (folder / "jobs.yaml").write_text(jobs(a="3", b="1"))
        it.wait_for_keys(a="3", b="1")


def test_the_way_back_from_an_invalid_edit_is_told(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        (folder / "jobs.yaml").write_text("rota: 1\njobs: [\n")
        it.wait_for_said(Name.CONFIGURATION_REFUSED)
        (folder / "jobs.yaml").write_text(jobs(a="1", b="1"))
        assert it.wait_for_said(Name.CONFIGURATION_APPLIED, 2)["plan"].is_empty


def test_a_half_written_file_changes_nothing(folder: Path, follow: Follow) -> None:
    whole = jobs(a="2", b="2")
    with follow(folder) as it, (folder / "jobs.yaml").open("w") as file:
        file.write(whole[:40])
        file.flush()
        it.wait_for_said(Name.CONFIGURATION_REFUSED)
        assert it.keys() == {"a": "1", "b": "1"}
        file.write(whole[40:])
        file.flush()
        it.wait_for_keys(a="2", b="2")


def test_a_start_with_an_invalid_configuration_waits_for_a_good_one(folder: Path, follow: Follow) -> None:
    (folder / "rota.yaml").write_text("rota: 1\nconfiguration: {name: 7}\n")
    with follow(folder) as it:
        it.wait_for_said(Name.CONFIGURATION_REFUSED)
        (folder / "rota.yaml").write_text(HEADER)
        it.wait_for_keys(a="1", b="1")


def test_what_an_update_refuses_is_told(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        (folder / "jobs.yaml").unlink()
        assert "would delete all 2" in it.wait_for_said(Name.CONFIGURATION_REFUSED)["reason"]
        assert it.keys() == {"a": "1", "b": "1"}


# Folders


def test_a_folder_that_is_deleted_and_made_again(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        before = {name: job.id for name, job in it.scheduled().items()}
        shutil.rmtree(folder)
        it.wait_for_said(Name.CONFIGURATION_REFUSED)
        assert it.keys() == {"a": "1", "b": "1"}
        folder.mkdir()
        (folder / "rota.yaml").write_text(HEADER)
        (folder / "jobs.yaml").write_text(jobs(a="2", b="1"))
        it.wait_for_keys(a="2", b="1")
        (folder / "jobs.yaml").write_text(jobs(a="3", b="1"))
        it.wait_for_keys(a="3", b="1")
        assert {name: job.id for name, job in it.scheduled().items()} == before


def test_a_job_that_is_gone_for_a_moment_stays_the_same_job(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        before = it.scheduled()["b"].id
        (folder / "jobs.yaml").write_text(jobs(a="2"))
        (folder / "c.yaml").write_text(jobs(b="2"))
        it.wait_for_keys(a="2", b="2")
        assert it.scheduled()["b"].id == before


def test_a_link_to_a_folder_that_is_pointed_elsewhere(folder: Path, tmp_path: Path, follow: Follow) -> None:
    link = tmp_path / "current"
    link.symlink_to("shop")
    with follow(link) as it:
        for version in "23":
            release = tmp_path / f"release-{version}"
            shutil.copytree(folder, release)
            (release / "jobs.yaml").write_text(jobs(a=version, b="1"))
            (tmp_path / "next").symlink_to(release.name)
            (tmp_path / "next").rename(link)
            it.wait_for_keys(a=version, b="1")
        (tmp_path / "release-3" / "jobs.yaml").write_text(jobs(a="4", b="1"))
        it.wait_for_keys(a="4", b="1")


def test_a_linked_folder_below_and_a_linked_file(folder: Path, tmp_path: Path, follow: Follow) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "c.yaml").write_text(jobs(c="1"))
    (tmp_path / "single").mkdir()
    (tmp_path / "single" / "d.yaml").write_text(jobs(d="1"))
    (folder / "common").symlink_to("../common")
    (folder / "d.yaml").symlink_to("../single/d.yaml")
    with follow(folder) as it:
        (tmp_path / "common" / "c.yaml").write_text(jobs(c="2"))
        it.wait_for_keys(a="1", b="1", c="2", d="1")
        (tmp_path / "single" / "d.yaml").write_text(jobs(d="2"))
        it.wait_for_keys(a="1", b="1", c="2", d="2")


def test_a_config_map_is_swapped_as_kubernetes_does(tmp_path: Path, follow: Follow) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()

    def write(version: str) -> None:
        target = mount / f"..2026_11_22_{version}"
        target.mkdir()
        (target / "rota.yaml").write_text(HEADER)
        (target / "jobs.yaml").write_text(jobs(a=version))
        (mount / "..data_tmp").symlink_to(target.name)
        (mount / "..data_tmp").rename(mount / "..data")

    write("1")
    for name in ("rota.yaml", "jobs.yaml"):
        (mount / name).symlink_to(f"..data/{name}")
    with follow(mount) as it:
        for version in "23":
            write(version)
            it.wait_for_keys(a=version)
            shutil.rmtree(mount / f"..2026_11_22_{int(version) - 1}")


def test_a_checkout_that_changes_a_hundred_files(folder: Path, follow: Follow) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    def write(version: str) -> None:
        for number in range(100):
            (folder / f"jobs-{number}.yaml").write_text(jobs(**{f"j{number}": version}))

    git("init")
    write("1")
    git("add", ".")
    git("commit", "-m", "one")
    git("checkout", "-b", "other")
    write("2")
    (folder / "jobs.yaml").unlink()
    (folder / "new.yaml").write_text(jobs(c="1"))
    git("add", "-A", ".")
    git("commit", "-m", "two")
    git("checkout", "main")
    first = {"a": "1", "b": "1"} | {f"j{number}": "1" for number in range(100)}
    other = {"c": "1"} | {f"j{number}": "2" for number in range(100)}
    with follow(folder) as it:
        assert it.keys() == first
        git("checkout", "other")
        it.wait_for_keys(**other)
        git("checkout", "main")
        it.wait_for_keys(**first)
        with it.context.store.read() as tx:
            assert revisions.newest(tx, "shop", 1)[0].origin.clean


# Others at work


def test_an_update_made_elsewhere_is_seen_and_set_right_by_the_next_save(folder: Path, follow: Follow) -> None:
    with follow(folder) as it:
        other = folder.parent / "other"
        shutil.copytree(folder, other)
        (other / "jobs.yaml").write_text(jobs(a="9", c="9"))
        done = rota("apply", other, "--no-code", database=str(it.context.store.full_url))
        assert done.returncode == 0, done.stderr
        (folder / "jobs.yaml").write_text(jobs(a="1", b="2"))
        it.wait_for_keys(a="1", b="2")


# Code


def test_a_changed_module_is_used_by_the_next_call_and_the_old_one_by_who_has_it(folder: Path, follow: Follow) -> None:
    (folder / "reloaded_helper.py").write_text("VALUE = 1\n")
    (folder / "reloaded_jobs.py").write_text("import reloaded_helper\ndef value(): return reloaded_helper.VALUE\n")
    (folder / "jobs.yaml").write_text("rota: 1\njobs: {a: {method: 'reloaded_jobs:value', use: false}}\n")
    try:
        with follow(folder) as it:
            old = load_function("reloaded_jobs:value", [str(folder)])
            (folder / "reloaded_helper.py").write_text("VALUE = 2\n")
            assert it.wait_for_said(Name.CODE_CHANGED)["files"] == 1
            assert (old(), load_function("reloaded_jobs:value", [str(folder)])()) == (1, 2)
    finally:
        sys.modules.pop("reloaded_helper", None)


def test_a_module_that_cannot_be_imported_keeps_the_old_one_and_says_so(folder: Path, follow: Follow) -> None:
    (folder / "reloaded_jobs.py").write_text("def value(): return 1\n")
    (folder / "jobs.yaml").write_text("rota: 1\njobs: {a: {method: 'reloaded_jobs:value', use: false}}\n")
    with follow(folder) as it:
        (folder / "reloaded_jobs.py").write_text("def value(: return 2\n")
        (problem,) = it.wait_for_said(Name.CONFIGURATION_REFUSED)["problems"]
        assert "SyntaxError" in problem.message
        assert load_function("reloaded_jobs:value", [str(folder)])() == 1
        (folder / "reloaded_jobs.py").write_text("def value(): return 3\n")
        it.wait_for_said(Name.CODE_CHANGED)
        assert load_function("reloaded_jobs:value", [str(folder)])() == 3


def test_code_does_not_change_with_a_configuration_that_is_refused(folder: Path, follow: Follow) -> None:
    (folder / "reloaded_jobs.py").write_text("def value(): return 1\n")
    (folder / "jobs.yaml").write_text("rota: 1\njobs: {a: {method: 'reloaded_jobs:value', use: false}}\n")
    with follow(folder) as it:
        (folder / "reloaded_jobs.py").write_text("def other(): return 2\n")
        (folder / "jobs.yaml").write_text(
            "rota: 1\njobs: {a: {method: 'reloaded_jobs:other', use: false, user: nobody}}\n"
        )
        assert "there is no user 'nobody'" in it.wait_for_said(Name.CONFIGURATION_REFUSED)["reason"]
        assert load_function("reloaded_jobs:value", [str(folder)])() == 1
        (folder / "jobs.yaml").write_text("rota: 1\njobs: {a: {method: 'reloaded_jobs:other', use: false}}\n")
        it.wait_for_said(Name.CODE_CHANGED)
        assert load_function("reloaded_jobs:other", [str(folder)])() == 2


def test_of_several_configurations_none_is_applied_if_one_is_refused(folder: Path, follow: Follow) -> None:
    both = folder.parent / "both"
    both.mkdir()
    folder.rename(both / "shop")
    (both / "the-other").mkdir()
    other = both / "the-other" / "rota.yaml"
    other.write_text("rota: 1\nconfiguration: {name: the-other}\njobs: {x: {command: [echo], use: false}}\n")
    with follow(both) as it:
        (both / "shop" / "jobs.yaml").write_text(jobs(a="2", b="1"))
        other.write_text(
            "rota: 1\nconfiguration: {name: the-other}\njobs: {x: {command: [echo], use: false, user: nobody}}\n"
        )
        it.wait_for_said(Name.CONFIGURATION_REFUSED)
        assert it.keys() == {"a": "1", "b": "1"}


def test_what_a_reload_does_not_change_keeps_its_next_start(folder: Path, follow: Follow) -> None:
    daily = "{command: [echo], schedule: {days_repeat_period: 1, begin_time: '03:00'}"
    (folder / "jobs.yaml").write_text(f"rota: 1\njobs:\n  a: {daily}}}\n  b: {daily}}}\n")
    with follow(folder) as it:
        before = it.scheduled()
        (folder / "jobs.yaml").write_text(f"rota: 1\njobs:\n  a: {daily}}}\n  b: {daily}, key: '2'}}\n")
        it.wait_for_keys(a=None, b="2")  # type: ignore[arg-type]
        after = it.scheduled()
        assert after["a"] == before["a"]
        assert after["b"].considered == before["b"].considered


def test_nothing_is_left_when_it_ends(folder: Path, tmp_path: Path) -> None:
    def descriptors() -> int:
        here = Path("/dev/fd")
        return sum(1 for _ in here.iterdir())

    def once() -> None:
        with reloading(folder, f"sqlite:///{tmp_path}/rota.db"):
            pass

    once()
    before = descriptors()
    once()
    assert descriptors() <= before
