"""The pipelines that the documentation shows: their steps run, in a bare clone, as their runners would run them.

Not run is what only a runner has: actions by name, installing from the package index, and the comment by GitHub's own
program.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from tests.support.command_line import ROOT
from tests.support.pages import Page, read_fences

PAGE = ROOT / "docs" / "pipelines.md"
GITHUB, GITLAB, CONFIGURATION = ".github/workflows/rota.yml", ".gitlab-ci.yml", "configurations/shop/jobs.yaml"
WHO = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]


def files() -> dict[str, str]:
    """The files that the page shows, by name."""
    fences = read_fences(PAGE.read_text(encoding="utf-8"))
    return {fence.file: fence.text.partition("\n")[2] for fence in fences if fence.file}


class Clone:
    """A fresh clone of a repository with a configuration; steps run in it, with `rota` and `python` on the path."""

    def __init__(self, folder: Path) -> None:
        origin = folder / "origin"
        for name, text in files().items():
            path = origin / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.folder = folder / "clone"
        programs = folder / "programs"
        programs.mkdir()
        self.environment = {
            **Page(PAGE, programs)._environment,
            "ROTA_DATABASE": f"sqlite:///{folder}/rota.db",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        }
        self._git(origin, "init", "--quiet")
        self._git(origin, "add", ".")
        self._git(origin, *WHO, "commit", "--quiet", "--message", "a configuration")
        self._git(folder, "clone", "--quiet", str(origin), str(self.folder))

    def _git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=self.environment)

    def run(self, *command: str, code: int = 0, **more: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def step(self, script: str, code: int = 0, **more: str) -> str:
        """Run a step as GitHub and GitLab do: by bash, which ends with the first command that fails."""
        return self.run("bash", "-eo", "pipefail", "-c", script, code=code, **more)

    def edit(self, old: str, new: str) -> None:
        file = self.folder / CONFIGURATION
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def output(self) -> str:
        """What the last step told the workflow."""
        return Path(self.environment["GITHUB_OUTPUT"]).read_text().splitlines()[-1]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(files()[name])
    return loaded


def scripts_of_github(job: str) -> dict[str, str]:
    """What the steps of a job run, by their names; those of its own only."""
    steps = load(GITHUB)["jobs"][job]["steps"]
    named = {step["name"]: step["run"] for step in steps if "run" in step}
    assert len(steps) - len(named) == sum("uses" in step for step in steps)
    assert named.pop("Install") == 'pip install "rota[postgresql]"'
    return named


def test_github_actions(clone: Clone) -> None:
    plan, apply = scripts_of_github("plan"), scripts_of_github("apply")
    assert (list(plan), list(apply)) == (["Validate", "Plan", "Comment"], ["Apply"])
    assert "valid (1 job in 1 file; checked: schema, semantics)" in clone.step(plan["Validate"])
    clone.step(plan["Plan"])
    assert clone.output() == "code=2"
    assert "`+` **create** definition `rates`" in Path(clone.environment["GITHUB_STEP_SUMMARY"]).read_text()
    assert (clone.folder / "plan.md").exists(), "what the comment says"
    assert "applied as revision 1" in clone.step(apply["Apply"])
    clone.step(plan["Plan"])
    assert clone.output() == "code=0", "the job `apply` is left out"


def test_github_actions_with_a_plan_that_cannot_be_applied(clone: Clone) -> None:
    plan = scripts_of_github("plan")
    clone.edit("command: [echo, rates]", "command: [echo, rates]\n    user: nobody")
    (clone.folder / "rota.plan").unlink(missing_ok=True)
    clone.step(plan["Plan"], code=1)
    assert clone.output() == "code=1"
    assert "**refused**: `jobs.rates.user: there is no user 'nobody'`" in (clone.folder / "plan.md").read_text()
    assert not (clone.folder / "rota.plan").exists()
    clone.edit("command:", "comand:")
    assert "did you mean command?" in clone.step(plan["Validate"], code=1)


def test_a_configuration_that_is_wrong_becomes_a_comment_too(clone: Clone) -> None:
    """The plan is made though the check failed: it is what says why there is none."""
    clone.edit("command:", "comand:")
    steps = {step.get("name"): step for step in load(GITHUB)["jobs"]["plan"]["steps"]}
    assert (steps["Plan"]["if"], steps["Comment"]["if"].partition(" ")[0]) == ("${{ !cancelled() }}", "always()")
    clone.step(steps["Validate"]["run"], code=1)
    clone.step(steps["Plan"]["run"], code=1)
    assert "did you mean command?" in (clone.folder / "plan.md").read_text()
    gitlab = load(GITLAB)
    assert (gitlab["plan"]["needs"], gitlab["comment"]["needs"]) == ([], ["plan"])
    assert gitlab["apply"]["needs"] == ["validate", "plan"], "nothing is carried out whose check failed"


def test_github_actions_where_the_plan_ended_badly(clone: Clone) -> None:
    plan = scripts_of_github("plan")["Plan"]
    clone.step(f"rota() {{ return 137; }}  # as one that was killed\n{plan}", code=1)
    assert clone.output() == "code=137"


def test_github_actions_with_a_plan_that_is_stale(clone: Clone) -> None:
    plan, apply = scripts_of_github("plan"), scripts_of_github("apply")
    clone.step(plan["Plan"])
    clone.run("rota", "apply", "--no-code")
    assert "is stale" in clone.step(apply["Apply"], code=4)


def scripts_of_gitlab(job: str) -> list[str]:
    pipeline = load(GITLAB)
    assert pipeline[job]["stage"] in pipeline["stages"]
    assert pipeline["default"]["before_script"] == ['pip install "rota[postgresql]"']
    scripts: list[str] = pipeline[job]["script"]
    return scripts


def test_gitlab(clone: Clone) -> None:
    for job in ("validate", "plan"):
        for line in scripts_of_gitlab(job):
            said = clone.step(line)
    assert "`+` **create** definition `rates`" in said
    with listening() as (url, heard):
        where = {"CI_API_V4_URL": url, "CI_PROJECT_ID": "7", "CI_MERGE_REQUEST_IID": "12", "ROTA_COMMENT_TOKEN": "t0"}
        for line in scripts_of_gitlab("comment"):
            clone.step(line, 0, **where)
    assert heard == [("/projects/7/merge_requests/12/notes", "t0", (clone.folder / "plan.md").read_text())]
    assert "applied as revision 1" in "".join(clone.step(line) for line in scripts_of_gitlab("apply"))


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[str, str | None, str]]]]:
    """A forge's API: its address, and the path, token and body of each comment that it is sent."""
    heard: list[tuple[str, str | None, str]] = []

    class Forge(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            heard.append((self.path, self.headers["PRIVATE-TOKEN"], sent["body"][0]))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    with HTTPServer(("127.0.0.1", 0), Forge) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()
        thread.join()


def test_the_hook_of_pre_commit(clone: Clone) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    used = next(fence.text for fence in read_fences(PAGE.read_text(encoding="utf-8")) if "repos:" in fence.text)
    (chosen,) = yaml.safe_load(used)["repos"][0]["hooks"]
    assert (chosen["id"], hook["language"], hook["pass_filenames"]) == (hook["id"], "python", False)
    # As pre-commit does: the entry and the arguments, without a shell, from the top of the repository.
    command = [*shlex.split(hook["entry"]), *chosen["args"]]
    assert "configurations/shop: valid" in clone.run(*command)
    clone.edit("begin_time", "begin_tme")
    assert f"{CONFIGURATION}:6:" in clone.run(*command, code=1)


def test_the_hooks_command_comes_with_the_package() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'rota = "rota.cli.main:main"' in pyproject


# What the services say themselves: their published schemas, and pre-commit's own program.


@pytest.mark.parametrize(
    ("name", "schema", "key"),
    [
        (GITHUB, ["vendor.github-workflows"], "runs-on"),
        (GITLAB, ["vendor.gitlab-ci", "--data-transform=gitlab-ci"], "stages"),
    ],
    ids=["github", "gitlab"],
)
def test_the_file_fits_the_schema_of_its_service(clone: Clone, name: str, schema: list[str], key: str) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, name]
    clone.run(*check)
    file = clone.folder / name
    file.write_text(file.read_text().replace(key, f"{key}-not"))
    clone.run(*check, code=1)


def test_pre_commit_takes_the_hook_and_its_use(tmp_path: Path) -> None:
    used = next(fence.text for fence in read_fences(PAGE.read_text(encoding="utf-8")) if "repos:" in fence.text)
    (tmp_path / "used.yaml").write_text(used)
    for what, file in (("manifest", ROOT / ".pre-commit-hooks.yaml"), ("config", tmp_path / "used.yaml")):
        command = [sys.executable, "-m", "pre_commit", f"validate-{what}", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stdout) == (0, ""), "it warns of keys that it does not know"
