"""What an editor shows of a configuration: red lines, hover and completion, through the real yaml-language-server.

`python -m tests.editors` installs the server from npm into a temporary folder, or takes the one that `--server` names.
Exit status 0 is all right.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.editors.server import Server, install, session
from tests.support.command_line import ROOT

CONFIGURATION = f"# yaml-language-server: $schema={(ROOT / 'schemas' / 'configuration-1.json').as_uri()}\n"
OVERLAY = f"# yaml-language-server: $schema={(ROOT / 'schemas' / 'overlay-1.json').as_uri()}\n"
GOOD = "rota: 1\nconfiguration:\n  name: shop\njobs:\n  rates:\n    command: [echo]\n    priority: 5\n"


def main() -> int:
    """Run the session and say what was seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.editors", description=__doc__)
    parser.add_argument("--server", type=Path, metavar="PROGRAM", help="an installed yaml-language-server")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = asked.server or install(Path(folder))
        with session(program.resolve(), ROOT) as server:
            for check in (red_lines, overlays, hover, completion):
                check(server)
                sys.stdout.write(f"{check.__name__}: as it should be\n")
    return 0


def red_lines(server: Server) -> None:
    """A good file has none; each mistake has one, at its line."""
    assert server.open("file:///good.yaml", CONFIGURATION + GOOD) == []
    bad = GOOD.replace("command:", "comand:").replace("priority: 5", "priority: high")
    found = server.open("file:///bad.yaml", CONFIGURATION + bad)
    lines = {each["range"]["start"]["line"] for each in found}
    assert {6, 7} <= lines, found
    assert any("comand" in each["message"] for each in found), found
    assert any("integer" in each["message"] for each in found), found


def overlays(server: Server) -> None:
    """An overlay may leave out what is required, and remove with null; it may not say what no configuration has."""
    text = "rota: 1\njobs:\n  rates: {priority: null, schedule: {begin_time: '07:00'}}\n  mail: null\n"
    assert server.open("file:///overlay.yaml", OVERLAY + text) == []
    found = server.open("file:///bad-overlay.yaml", OVERLAY + text.replace("priority", "prioritty"))
    assert any("prioritty" in each["message"] for each in found), found


def hover(server: Server) -> None:
    """The description of the key under the pointer."""
    server.open("file:///hover.yaml", CONFIGURATION + GOOD)
    shown = server.ask("textDocument/hover", "file:///hover.yaml", 7, 6)
    assert "those with the higher priority start first" in _plain(shown["contents"]["value"]), shown


def completion(server: Server) -> None:
    """The keys of a job, and the values of a choice."""
    keys = CONFIGURATION + GOOD + "    \n"
    server.open("file:///keys.yaml", keys)
    offered = _labels(server.ask("textDocument/completion", "file:///keys.yaml", 8, 4))
    assert {"schedule", "retry", "timeout", "user"} <= offered, offered
    kinds = CONFIGURATION + "rota: 1\nconfiguration:\n  name: shop\n  executors:\n    crawl:\n      kind: \n"
    server.open("file:///kinds.yaml", kinds)
    offered = _labels(server.ask("textDocument/completion", "file:///kinds.yaml", 6, 12))
    assert {"process", "thread", "command"} <= offered, offered


def _labels(answer: Any) -> set[str]:
    items = answer["items"] if isinstance(answer, dict) else answer
    return {item["label"] for item in items}


def _plain(text: str) -> str:
    return text.replace("&nbsp;", " ").replace("\\", "")


if __name__ == "__main__":
    sys.exit(main())
