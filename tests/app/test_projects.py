"""New projects: what is written, under which name, and what is left alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rota.app.projects import create_project
from rota.app.validation import validate
from rota.configuration.editors import editor_schema
from rota.model.errors import UsageError
from tests.support.command_line import ROOT, environment

SAMPLE = ROOT / "configurations" / "sample"


def files(folder: Path) -> dict[str, str]:
    """Every file below the folder, with its text."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_project_is_the_sample_under_its_own_name(tmp_path: Path) -> None:
    project = create_project(tmp_path / "sample")
    texts = files(tmp_path / "sample")
    assert {path.as_posix() for path in project.written} == texts.keys()
    for name in ("jobs.yaml", "sample_jobs.py", "test_sample_jobs.py"):
        assert texts[f"configurations/sample/{name}"] == (SAMPLE / name).read_text()

    create_project(tmp_path / "my-shop")
    renamed = files(tmp_path / "my-shop")
    assert renamed.keys() >= {f"configurations/my-shop/{name}" for name in ("jobs.yaml", "my_shop_jobs.py")}
    own = {name: text for name, text in renamed.items() if not name.startswith("schemas/")}
    assert "sample" not in str(own)
    assert "name: my-shop\n" in own["configurations/my-shop/jobs.yaml"]


@pytest.mark.parametrize("name", ["shop", "2024", "sample-2"])
def test_every_project_is_valid_tested_and_tidy(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    create_project(folder)
    run_in(folder, "-m", "rota", "plan", "--detailed-exitcode", code=2)
    assert "4 passed" in run_in(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    run_in(folder, "-m", "ruff", "check", "--isolated", "--no-cache", "--extend-select", RULES)
    run_in(folder, "-m", "ruff", "format", "--isolated", "--no-cache", "--check")


RULES = "A,ARG,B,C4,DTZ,I,PIE,PT,PTH,RET,RUF,SIM,UP,W"
"""What many projects ask of their code beyond ruff's own choice."""


def run_in(folder: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_editors_schema_is_where_the_first_line_says(tmp_path: Path) -> None:
    create_project(tmp_path / "shop")
    jobs = tmp_path / "shop" / "configurations" / "shop" / "jobs.yaml"
    match = re.match(r"# yaml-language-server: \$schema=(\S+)\n", jobs.read_text())
    assert match is not None
    assert (jobs.parent / match[1]).read_text() == editor_schema("configuration-1.json")


def test_what_is_commented_out_is_valid_too(tmp_path: Path) -> None:
    create_project(tmp_path / "shop")
    jobs = tmp_path / "shop" / "configurations" / "shop" / "jobs.yaml"
    before, job = jobs.read_text().split("  #\n")
    jobs.write_text(before + job.replace("  # ", "  "))
    (loaded,) = validate([jobs], code=False)
    assert (loaded.problems, loaded.jobs) == ((), 3)


def test_what_is_there_stays_and_a_second_configuration_comes_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    (tmp_path / "README.md").write_text("ours\n")
    first = create_project(tmp_path, "shop")
    assert [path.as_posix() for path in first.kept] == [".gitignore"]
    before = files(tmp_path)
    second = create_project(tmp_path, "depot")
    assert [path.as_posix() for path in second.kept] == [
        ".gitignore",
        "schemas/configuration-1.json",
        "schemas/overlay-1.json",
    ]
    assert before.items() < files(tmp_path).items()
    assert [loaded.problems for loaded in validate([tmp_path / "configurations"], code=False)] == [(), ()]


@pytest.mark.parametrize(
    ("name", "instead"), [("My Shop", "my-shop"), ("my_shop", "my-shop"), ("-", "job"), ("", "job"), ("лавка", "lavka")]
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(name: str, instead: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"how about --name {instead}\\?$"):
        create_project(tmp_path / "new", name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ("configurations/shop/jobs.yaml", "configurations/shop: holds jobs.yaml already"),
        ("configurations/shop/notes.txt", "configurations/shop: holds notes.txt already"),
        ("configurations/jobs.yml", "configurations: is a configuration itself, with jobs.yml"),
        ("configurations", "configurations: is a file, not a folder"),
        ("schemas", "schemas: is a file, not a folder"),
        (".", "is a file, not a folder"),
    ],
)
def test_nothing_is_written_where_something_is_in_the_way(there: str, words: str, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    path = folder / there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    with pytest.raises(UsageError, match=re.escape(f"{words}; nothing was written")):
        create_project(folder, "shop")
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [path]
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("configurations/shop", "is among the configurations in "),
        ("configurations/shop/deeper/still", "is among the configurations in "),
        ("configurations/depot", "is among the configurations in "),
        ("configurations", "is among the configurations in "),
        ("alone", "belongs to the configuration in "),
        ("alone/below", "belongs to the configuration in "),
    ],
)
def test_no_project_lies_inside_of_a_configuration(inside: str, words: str, tmp_path: Path) -> None:
    create_project(tmp_path, "shop")
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "jobs.yaml").write_text("rota: 1\nconfiguration: {name: alone}\n")
    before = files(tmp_path)
    with pytest.raises(UsageError, match=f"{inside}: {words}.*; nothing was written"):
        create_project(tmp_path / inside, "new")
    assert files(tmp_path) == before
    assert create_project(tmp_path, "new").written, "but one finds its place beside it"


def test_a_folder_named_configurations_is_one_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "configurations").mkdir()
    assert create_project(tmp_path / "configurations").name == "configurations"


def test_a_folder_below_a_file_or_behind_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"/file: is a file, not a folder; nothing was written$"):
        create_project(tmp_path / "file" / "below" / "shop")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(UsageError, match=r"/link: is a link that leads nowhere; nothing was written$"):
        create_project(tmp_path / "link", "shop")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"k: cannot be written: File name too long$"):
        create_project(tmp_path / ("k" * 300), "shop")


KILLED_ANYWHERE = """\
import itertools, os, signal, sys
from pathlib import Path
from rota.app.projects import create_project

def create_and_die(folder, at):
    acts = itertools.count(1)
    def act(event, arguments):
        if event in ("open", "os.mkdir", "os.rename") and next(acts) == at:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(act)
    create_project(folder)

folder = Path(sys.argv[1])
expected = {"jobs.yaml", "shop_jobs.py", "test_shop_jobs.py"}
for kills in itertools.count(1):
    child = os.fork()
    if child == 0:
        try:
            create_and_die(folder, kills)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9, f"{kills - 1} kills, and no project"
    there = {path.name for path in (folder / "configurations" / "shop").glob("*")}
    if there:
        assert there == expected and (folder / "schemas" / "configuration-1.json").exists(), f"kill {kills}: {there}"
        print(kills)
        break
    assert folder.exists() == (sys.argv[2] == "there")
"""


@pytest.mark.parametrize("where", ["new", "there"])
def test_a_kill_anywhere_leaves_a_configuration_whole_or_not_at_all(where: str, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    if where == "there":
        folder.mkdir()
    assert int(run_in(tmp_path, "-c", KILLED_ANYWHERE, str(folder), where)) > 10
