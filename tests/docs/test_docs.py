"""The documentation holds: its examples run, its links lead somewhere, its names are those of the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.cli.front import SECTIONS
from rota.cli.main import main
from rota.model import errors
from rota.model.acts import Act
from rota.model.definition import OVERRIDABLE
from rota.model.states import State
from rota.model.transitions import TRANSITIONS
from rota.schedule.advice import Advice
from tests.support.command_line import ROOT
from tests.support.pages import Page, read_fences

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

LANGUAGES = {"console", "json", "python", "sh", "text", "yaml"}

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)


def has_examples(path: Path) -> bool:
    """Whether something on the page can be run, or is a configuration."""
    fences = read_fences(path.read_text(encoding="utf-8"))
    return any(fence.language in {"console", "python"} or fence.is_configuration for fence in fences)


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*filter(has_examples, PAGES)], ids=lambda path: path.name)
def test_the_examples_of_the_page_run_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    assert Page(path, tmp_path).run() > 0


@every_page
def test_fences_have_a_language_that_is_known(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    fences = read_fences(text)
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(fences)
    assert {fence.language for fence in fences} <= LANGUAGES


@every_page
def test_links_lead_to_files_and_headings(path: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        file = (path.parent / name) if name else path
        if not file.exists() or (heading and heading not in headings(file)):
            broken.append(target)
    assert not broken


def headings(path: Path) -> set[str]:
    """The anchors that a page's headings get."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_index_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([^)#\s]+)\)", read("index.md")))
    assert {path.relative_to(DOCS).as_posix() for path in DOCS.glob("*.md")} - {"index.md"} <= linked


def test_the_states_are_those_of_the_code() -> None:
    assert re.findall(r"^\| `(\w+)` \|", read("states.md"), re.MULTILINE) == [state.value for state in State]


def test_the_arrows_between_states_are_those_of_the_code() -> None:
    arrows = set(re.findall(r"^\| (\w+) \| (\w+) \| ", read("states.md"), re.MULTILINE)) - {("from", "to")}
    assert arrows == {(before.value, after.value) for before, several in TRANSITIONS.items() for after in several}


def test_the_overridable_properties_are_those_of_the_code() -> None:
    match = re.search(r"^Overridable: (.+?)\.$", read("configuration.md"), re.MULTILINE)
    assert match is not None
    assert tuple(re.findall(r"`(\w+)`", match[1])) == OVERRIDABLE


def test_the_warnings_about_schedules_are_those_of_the_code() -> None:
    assert re.findall(r"^\| `(schedule\.[\w-]+)` \|", read("schedules.md"), re.MULTILINE) == list(Advice)


def test_every_property_of_the_schema_is_explained() -> None:
    schema = json.loads((ROOT / "schemas" / "configuration-1.json").read_text(encoding="utf-8"))
    explained = set(re.findall(r"`([\w$]+)`", read("configuration.md") + read("schedules.md")))
    assert properties(schema) - explained == set()


def properties(schema: object) -> set[str]:
    """The names of all properties that a JSON Schema knows."""
    if isinstance(schema, list):
        return {name for part in schema for name in properties(part)}
    if not isinstance(schema, dict):
        return set()
    known = schema.get("properties", {})
    own = set(known) if isinstance(known, dict) else set()
    return own.union(*(properties(part) for part in schema.values()))


def test_the_acts_are_those_of_the_code() -> None:
    table = read("users.md").split("| act | facts |", 1)[1].split("\n\n", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line]
    named = {act for row in rows for act in re.findall(r"`([a-z-]+\.[a-z-]+)`", row)}
    changing = {act.value for act in Act if act.partition(".")[2] not in CHANGE_NOTHING}
    assert named == changing


CHANGE_NOTHING = {"see", "receive", "plan", "sign-in", "run"}
"""The verbs of acts that are not in the audit log."""


def test_the_errors_are_those_of_the_code() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", read("python.md").split("\n## Errors\n")[1], re.MULTILINE))
    assert named == set(errors.__all__)


COMMANDS = re.findall(r"^### `rota ([a-z -]+?)(?: [^a-z`][^`]*| [A-Z][^`]*)?`$", read("commands.md"), re.MULTILINE)


SHARED_OPTIONS = {"--database", "--user", "--format", "--help"}


Help = Callable[..., str]


@pytest.fixture
def help_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Help:
    """What `rota COMMAND --help` says; in this process, since there are many commands."""

    def read_help(*command: str) -> str:
        monkeypatch.setattr("sys.argv", ["rota", *command, "--help"])
        with pytest.raises(SystemExit) as exited:
            main()
        assert exited.value.code == 0
        return capsys.readouterr().out

    return read_help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_its_options_are_those_of_the_code(command: str, help_of: Help) -> None:
    section = read("commands.md").split(f"### `rota {command}", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    explained = set(re.findall(r"`(--[a-z-]+)", section)) - SHARED_OPTIONS
    assert explained == set(re.findall(r"(?<![\w-])--[a-z-]+", help_of(*command.split()))) - SHARED_OPTIONS


def test_every_command_is_explained(help_of: Help) -> None:
    assert commands_below(help_of) == set(COMMANDS)


def test_the_commands_are_explained_in_the_order_of_the_help() -> None:
    words = [command.split()[0] for command in COMMANDS]
    assert list(dict.fromkeys(words)) == [name for names in SECTIONS.values() for name in names]


def commands_below(help_of: Help, *group: str) -> set[str]:
    """The commands that `--help` lists below its options, and those of its groups, in full."""
    _, _, listed = help_of(*group).partition("  -h, --help")
    found: set[str] = set()
    for name in re.findall(r"^  ([a-z][a-z-]*)(?:\s|$)", listed, re.MULTILINE):
        found |= commands_below(help_of, *group, name) or {" ".join((*group, name))}
    return found


@every_page
def test_what_the_page_says_about_commands_is_there(path: Path, help_of: Help) -> None:
    """Each `rota COMMAND --option` of its text, and of the lines that are to be done by hand."""
    text = path.read_text(encoding="utf-8")
    by_hand = [line for fence in read_fences(text) if fence.language == "sh" for line in fence.text.splitlines()]
    named = re.findall(r"`rota ([^`]+)`", FENCED.sub("", text)) + [
        line.removeprefix("rota ").partition("#")[0] for line in by_hand if line.startswith("rota ")
    ]
    for said in named:
        words = said.partition(" -- ")[0].split()
        depth = max((n for n in range(len(words) + 1) if " ".join(words[:n]) in KNOWN), default=0)
        options = {word.partition("=")[0].rstrip(",") for word in words if word.startswith("--")}
        assert depth or options, f"there is no command in: rota {said}"
        assert options <= set(re.findall(r"--[a-z-]+", help_of(*words[:depth]))) | {"--version"}, f"rota {said}"


KNOWN = {" ".join(command.split()[:n]) for command in COMMANDS for n in range(1, 4)}
"""The commands and the groups of commands."""
