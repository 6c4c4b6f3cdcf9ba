"""What an editor shows of a configuration: red lines, hover and completion, through the real yaml-language-server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.configuration.editors import editor_schema
from tests.editors.server import Server
from tests.support.command_line import ROOT

CONFIGURATION = f"# yaml-language-server: $schema={(ROOT / 'schemas' / 'configuration-1.json').as_uri()}\n"
OVERLAY = f"# yaml-language-server: $schema={(ROOT / 'schemas' / 'overlay-1.json').as_uri()}\n"
GOOD = "rota: 1\nconfiguration:\n  name: shop\njobs:\n  rates:\n    command: [echo]\n    priority: 5\n"
CHANGED = "rota: 1\njobs:\n  rates:\n    priority: null\n    schedule: {begin_time: '07:00'}\n  mail: null\n"
SHIPPED = sorted((ROOT / "configurations").rglob("*.yaml"))


def messages(found: list[dict[str, Any]]) -> dict[int, str]:
    """What is marked in red, by the number of the line from 0."""
    return {each["range"]["start"]["line"]: each["message"] for each in found}


def test_a_good_file_has_no_red_lines(server: Server) -> None:
    assert server.open("file:///good.yaml", CONFIGURATION + GOOD) == []


def test_each_mistake_has_a_red_line(server: Server) -> None:
    bad = GOOD.replace("command:", "comand:").replace("priority: 5", "priority: high")
    found = server.open("file:///bad.yaml", CONFIGURATION + bad)
    assert {6, 7} <= messages(found).keys(), found
    assert any("comand" in each["message"] for each in found), found
    assert any("integer" in each["message"] for each in found), found


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_shipped_configuration_has_no_red_lines(server: Server, path: Path) -> None:
    schema = OVERLAY if path.parent.name == "environments" else CONFIGURATION
    body = "".join(line for line in path.read_text("utf-8").splitlines(True) if "$schema" not in line)
    assert server.open(path.as_uri(), schema + body) == []


def test_an_overlay_may_leave_out_and_remove(server: Server) -> None:
    assert server.open("file:///overlay.yaml", OVERLAY + CHANGED) == []


def test_an_overlay_may_not_say_what_no_configuration_has(server: Server) -> None:
    found = server.open("file:///bad-overlay.yaml", OVERLAY + CHANGED.replace("priority", "prioritty"))
    assert "prioritty" in messages(found)[4], found


def test_a_variable_may_stand_for_every_single_value(server: Server, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(editor_schema("configuration-1.json"))
    header = f"# yaml-language-server: $schema={(tmp_path / 'schema.json').as_uri()}\n"
    values = (
        "priority: VALUE",
        "use: VALUE",
        "timeout: VALUE",
        "schedule: {begin_time: 'VALUE', week_days: ['VALUE']}",
    )
    filled = GOOD.replace("priority: 5", "\n    ".join(values))
    assert server.open("file:///variables.yaml", header + filled.replace("VALUE", "${NAME:-5}")) == []
    found = messages(server.open("file:///values.yaml", header + filled.replace("VALUE", "soon")))
    assert (found[7], found[8]) == ('Incorrect type. Expected "integer".', 'Incorrect type. Expected "boolean".')
    assert found[9].startswith("This is not a valid duration: whole seconds, or text such as 90s"), found


@pytest.mark.parametrize(("uri", "text"), [("hover", CONFIGURATION + GOOD), ("hover-overlay", OVERLAY + CHANGED)])
def test_hover_explains_the_key_under_the_pointer(server: Server, uri: str, text: str) -> None:
    line = next(number for number, each in enumerate(text.splitlines()) if "priority" in each)
    server.open(f"file:///{uri}.yaml", text)
    shown = server.ask("textDocument/hover", f"file:///{uri}.yaml", line, 6)
    assert "those with the higher priority start first" in plain(shown["contents"]["value"]), shown


@pytest.mark.parametrize(("uri", "text"), [("keys", CONFIGURATION + GOOD), ("keys-overlay", OVERLAY + CHANGED[:-13])])
def test_the_keys_of_a_job_are_offered(server: Server, uri: str, text: str) -> None:
    server.open(f"file:///{uri}.yaml", text + "    \n")
    offered = completion(server, f"file:///{uri}.yaml", text.count("\n"), 4)
    assert {"retry", "timeout", "user"} <= offered.keys(), offered
    assert "A run that takes longer is stopped" in offered["timeout"]


def test_the_values_of_a_choice_are_offered_with_what_they_mean(server: Server) -> None:
    kinds = CONFIGURATION + "rota: 1\nconfiguration:\n  name: shop\n  executors:\n    crawl:\n      kind: \n"
    server.open("file:///kinds.yaml", kinds)
    offered = completion(server, "file:///kinds.yaml", 6, 12)
    assert {"process", "thread", "async", "command"} <= offered.keys(), offered
    assert "a crash or a leak hurts one attempt" in offered["process"], offered


def completion(server: Server, uri: str, line: int, column: int) -> dict[str, str]:
    """What is offered there, each with its explanation."""
    answer = server.ask("textDocument/completion", uri, line, column)
    items = answer["items"] if isinstance(answer, dict) else answer
    return {item["label"]: explanation(item.get("documentation", "")) for item in items}


def explanation(documentation: Any) -> str:
    text = documentation["value"] if isinstance(documentation, dict) else documentation
    return plain(text)


def plain(text: str) -> str:
    return text.replace("&nbsp;", " ").replace("\\", "")
