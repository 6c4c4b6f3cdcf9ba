"""Reads the examples of a documentation page and runs them for real. Used by tests/docs/test_docs.py.

A page's fenced blocks, in order, in one folder:

- a block whose first line is `# file: NAME` is written to that file;
- `console` holds commands (`$ ...`), each with the output that must follow: every shown line occurs in the real
  output, in order. `...` stands for anything; ids, dates, times and durations stand for their like, unless the block is
  marked `exact`. A command may fail only where the page shows `$ echo $?` next;
- `console starts` begins with a command that goes on running: what is shown below it comes sooner or later. What a
  later block `console goes-on` shows comes after that; a line `^C` interrupts the command, which ends with exit code 0;
- `$ cd FOLDER` is where all that follows happens;
- `python` is run, and a `text` block right after it is its output;
- `yaml` that is a whole configuration is valid, its code left aside, and `json` can be read;
- any other block is to be read only, as is one marked `by-hand` (```sh by-hand).
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.command_line import environment
from tests.support.session import Session

_FENCE = re.compile(r"^```([a-z]*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LIMIT = 120.0

_ANYTHING = {r"\.\.\.": r".*"}
_VARYING = {
    shape: shape
    for shape in (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        r"\b[0-9a-f]{8}\b",
        r"\d{4}-\d{2}-\d{2}",
        r"\d{2}:\d{2}:\d{2}",
        r"\d+(?:\.\d)? m?s\b",
    )
}
"""What a page shows and what is looked for instead, as regular expressions: ids, dates, times, durations."""


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, what else its first line says, its text, and the page's line that it begins on."""

    language: str
    mark: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """The file that it is written to."""
        match = re.match(r"# file: (\S+)\n", self.text)
        return match[1] if match else None

    @property
    def is_configuration(self) -> bool:
        """Whether it is a configuration by itself."""
        return self.language == "yaml" and re.search(r"^rota: 1$", self.text, re.MULTILINE) is not None


@dataclass
class Command:
    """One command of a `console` block and the lines shown below it."""

    text: str
    shown: list[str] = field(default_factory=list)


class ExampleFailed(AssertionError):
    """An example did not do what its page shows."""


def read_fences(text: str) -> list[Fence]:
    return [
        Fence(match[1], match[2].strip(), match[3], text.count("\n", 0, match.start()) + 1)
        for match in _FENCE.finditer(text)
    ]


def read_commands(text: str) -> list[Command]:
    """The commands of a `console` block; a line that ends with a backslash goes on in the next."""
    commands: list[Command] = []
    goes_on = False
    for line in text.splitlines():
        if goes_on:
            commands[-1].text += "\n" + line
        elif line.startswith("$ "):
            commands.append(Command(line[2:]))
        else:
            commands[-1].shown.append(line)
        goes_on = line.endswith("\\") and (goes_on or line.startswith("$ "))
    return commands


def missing_line(shown: list[str], output: str, *, exact: bool = False) -> str | None:
    """The first shown line that the output lacks, or has only before a line that is shown earlier."""
    lines = iter(output.splitlines())
    for wanted in shown:
        if says_something(wanted) and not any(is_shown(wanted, line, exact=exact) for line in lines):
            return wanted
    return None


def says_something(shown: str) -> bool:
    """Whether a shown line is more than a gap."""
    return shown.strip() not in {"", "..."}


def is_shown(wanted: str, line: str, *, exact: bool = False) -> bool:
    """Whether a line of output is what the page shows, apart from what varies."""
    wild = _ANYTHING if exact else _ANYTHING | _VARYING
    return re.fullmatch(_pattern(_squeezed(wanted), wild), _squeezed(line)) is not None


class Page:
    """Runs a page's examples in `folder`."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder
        self._programs = folder / ".bin"
        self._environment = _with_rota_on_path(self._programs)
        self._last_exit = 0
        self._session: Session | None = None

    def run(self) -> int:
        """Run every example and return how many did something. Raises `ExampleFailed` at the first that differs."""
        try:
            return self._run_all()
        finally:
            if self._session is not None:
                self._session.close()

    def _run_all(self) -> int:
        fences = read_fences(self.path.read_text(encoding="utf-8"))
        ran = 0
        for fence, after in zip(fences, [*fences[1:], None], strict=True):
            if fence.mark == "by-hand":
                continue
            if fence.file:
                self._write(fence)
            elif fence.mark in {"starts", "goes-on"}:
                self._follow(fence)
            elif fence.language == "console":
                self._run_console(fence)
            elif fence.language == "python":
                self._run_python(fence, after.text.splitlines() if after and after.language == "text" else [])
            elif fence.is_configuration:
                self._validate(fence)
            elif fence.language == "json":
                self._read_json(fence)
            else:
                continue
            ran += 1
        return ran

    def _write(self, fence: Fence) -> None:
        assert fence.file is not None
        path = self.folder / fence.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fence.text.split("\n", 1)[1], encoding="utf-8")

    def _follow(self, fence: Fence) -> None:
        shown = fence.text.splitlines()
        if fence.mark == "starts":
            assert self._session is None, "one command at a time goes on"
            self._session = Session(shown.pop(0).removeprefix("$ "), self.folder, self._environment)
        assert self._session is not None, "nothing goes on"
        for wanted in filter(says_something, shown):
            if wanted == "^C":
                if code := self._session.interrupt():
                    raise self._failed(fence, f"interrupted, it ended with {code}", self._session.text)
            elif not self._session.comes(lambda line, wanted=wanted: is_shown(wanted, line)):  # type: ignore[misc]
                raise self._failed(fence, f"it does not go on with {wanted!r}", self._session.text)

    def _run_console(self, fence: Fence) -> None:
        commands = read_commands(fence.text)
        for command, after in zip(commands, [*commands[1:], None], strict=True):
            if command.text.startswith("cd "):
                self.folder /= command.text.removeprefix("cd ")
                continue
            # The exit code of the command before, for a page that shows `echo $?`.
            output = self._run(fence, ["sh", "-c", f"(exit {self._last_exit})\n{command.text}"], command.shown)
            if self._last_exit and (after is None or after.text != "echo $?"):
                raise self._failed(fence, f"`{command.text}` ended with {self._last_exit}", output)

    def _run_python(self, fence: Fence, shown: list[str]) -> None:
        output = self._run(fence, [sys.executable, "-c", fence.text], shown)
        if self._last_exit:
            raise self._failed(fence, f"it ended with {self._last_exit}", output)

    def _validate(self, fence: Fence) -> None:
        path = self._programs / "example.yaml"
        path.write_text(fence.text, encoding="utf-8")
        output = self._run(fence, ["rota", "validate", "--no-code", str(path)], [])
        if self._last_exit:
            raise self._failed(fence, "it is not valid", output)

    def _read_json(self, fence: Fence) -> None:
        try:
            json.loads(fence.text)
        except ValueError as error:
            raise self._failed(fence, "it is not JSON", str(error)) from error

    def _run(self, fence: Fence, command: list[str], shown: list[str]) -> str:
        result = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        self._last_exit = result.returncode
        missing = missing_line(shown, result.stdout, exact=fence.mark == "exact")
        if missing is not None:
            raise self._failed(fence, f"`{command[-1].splitlines()[-1]}` does not show {missing!r}", result.stdout)
        return result.stdout

    def _failed(self, fence: Fence, what: str, output: str) -> ExampleFailed:
        return ExampleFailed(f"{self.path.name}:{fence.line}: {what}\n--- its output:\n{output}")


def _pattern(wanted: str, wild: Mapping[str, str]) -> str:
    """The regular expression for a shown line, in which everything but the `wild` parts is literal."""
    pattern, at = "", 0
    for match in re.finditer("|".join(f"({shape})" for shape in wild), wanted):
        pattern += re.escape(wanted[at : match.start()]) + [*wild.values()][(match.lastindex or 1) - 1]
        at = match.end()
    return pattern + re.escape(wanted[at:])


def _squeezed(line: str) -> str:
    """Without the differences that tables make: runs of blanks, and blanks at the ends."""
    return " ".join(line.split())


def _with_rota_on_path(programs: Path) -> Mapping[str, str]:
    """An environment in which `rota` and `python` are those under test, kept in the new folder `programs`."""
    programs.mkdir()
    for name, arguments in (("rota", "-m rota "), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    settings = environment()
    return settings | {"PATH": f"{programs}{os.pathsep}{settings['PATH']}"}
