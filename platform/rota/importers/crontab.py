"""`rota import crontab`: a user's crontab, or a system crontab with a column for the user.

A command keeps its shell, its environment lines and its input after `%`: they become part of the job's command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from msgspec import structs

from rota.configuration.source import Source, read
from rota.importers.imported import Clock, Imported, ImportedJob, Place, require_readable, schedule_problems
from rota.importers.naming import Names, job_name
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem
from rota.schedule import ScheduleError
from rota.schedule.zones import zone

_ENVIRONMENT = re.compile(r"""(?:"(?P<quoted>[^"]+)"|(?P<name>[A-Za-z_][A-Za-z0-9_]*))\s*=\s*(?P<value>.*)""")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=\S*")

_MAIL = {"MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"}
_UNSUPPORTED = {
    "RANDOM_DELAY": "starts are not delayed at random",
    "START_HOURS_RANGE": "it belongs to anacron",
}
_NOTE = (
    "cron starts a command in its user's home folder, beside one that still runs, and never late; here it starts in "
    "the engine's folder with the engine's environment, never beside itself, and late starts are made up for until "
    "the day ends"
)
_CONTINUATION = "cron knows no continuation: the line before ends with a backslash, and is a job of its own"
_DELIMITER = "END_OF_INPUT"

_SHELLS = {"cd", "test", "[", "[[", ".", "{", "(", "source", "export", "set"}
"""What a command begins with before the program that it is about."""

_WRAPPERS = {"sudo", "nice", "ionice", "nohup", "exec", "time", "chronic", "env"}
_INTERPRETERS = re.compile(r"(?:ba|da|z|k)?sh|python[0-9.]*|perl|php[0-9.]*|ruby|node|java")


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the lines above a job say about it."""

    shell: str = "/bin/sh"
    timezone: str | None = None
    variables: dict[str, str] = field(default_factory=dict)


def read_crontab(path: Path, *, system: bool = False, name: str | None = None, timezone: str | None = None) -> Imported:
    """The jobs of the file. Raises `ConfigurationError` with everything that cannot be read.

    `system` says that a user stands between the schedule and the command, as in /etc/crontab and /etc/cron.d.
    """
    clock = Clock.of(timezone)
    source = read(path)
    if isinstance(source, Problem):
        raise ConfigurationError([source])
    reader = _Reader(source.name, system=system)
    jobs = tuple(reader.read(source))
    require_readable(reader.problems)
    if not jobs:
        raise ConfigurationError([Place(source.name).bad("holds no job")])
    whole = Place(source.name)
    return Imported(
        name=name or job_name(path.stem, otherwise="crontab"),
        importer="crontab",
        source=source.name,
        timezone=clock.zone,
        jobs=jobs,
        findings=(*clock.findings(whole, "the machine"), whole.finding(_NOTE), *reader.findings),
    )


class _Reader:
    def __init__(self, file: str, *, system: bool) -> None:
        self._file = file
        self._system = system
        self._names = Names()
        self._around = _Surroundings()
        self.findings: list[Problem] = []
        self.problems: list[Problem] = []

    def read(self, source: Source) -> Iterator[ImportedJob]:
        before = ""
        for number, line in enumerate(source.text.split("\n"), start=1):
            text, place = line.strip(" \t"), Place(self._file, number)
            if not text or text.startswith("#"):
                continue
            if match := _ENVIRONMENT.fullmatch(text):
                self._surround(match["quoted"] or match["name"], _unquoted(match["value"]), place)
                continue
            try:
                yield self._job(text, place)
            except ConfigurationError as error:
                hint = _CONTINUATION if before.endswith("\\") else None
                self.problems += (
                    structs.replace(each, source=line, column=1, hint=each.hint or hint) for each in error.problems
                )
            before = text

    def _surround(self, name: str, value: str, place: Place) -> None:
        around = self._around
        if name == "SHELL":
            self._around = replace(around, shell=value or "/bin/sh")
        elif name == "CRON_TZ":
            try:
                self._around = replace(around, timezone=zone(value).name if value else None)
            except ScheduleError as error:
                self.problems.append(place.bad(f"CRON_TZ: {error}"))
        elif name in _MAIL:
            if value:
                message = f"{name}={value}: output is not mailed"
                self.findings.append(place.finding(message, hint="output is kept with each run: rota jobs show"))
        elif name in _UNSUPPORTED:
            self.findings.append(place.finding(f"{name}={value}: {_UNSUPPORTED[name]}"))
        else:
            self._around = replace(around, variables={**around.variables, name: value})

    def _job(self, text: str, place: Place) -> ImportedJob:
        schedule, user, command = self._columns(text, place)
        name = self._names.take(job_name(_program(command)))
        body: dict[str, object] = {"command": self._command(command)}
        findings = []
        if user is not None:
            message = f"ran as {user}; here it runs as the user of the engine"
            findings.append(place.finding(message, job=name))
        if schedule == "@reboot":
            body["use"] = False
            message = "@reboot: nothing starts with the machine; the job is switched off and has no schedule"
            findings.append(place.finding(message, job=name, hint=f"rota scheduled start {name}"))
        elif "~" in schedule:
            body["use"] = False
            message = f"{schedule}: no time is chosen at random; the job is switched off and has no schedule"
            findings.append(place.finding(message, job=name, hint="give it a schedule with a time of your choice"))
        else:
            zoned = {"timezone": self._around.timezone} if self._around.timezone else {}
            body["schedule"] = {"cron": schedule, **zoned}
            self.problems += schedule_problems(body["schedule"], name, place)
        if not self._system and command.split(maxsplit=1)[0] == "root":
            message = "the command begins with root, as if a user stood before it"
            findings.append(place.finding(message, job=name, hint="--system reads a crontab of the system"))
        return ImportedJob(name=name, place=place, body=body, remarks=(text,), findings=tuple(findings))

    def _columns(self, text: str, place: Place) -> tuple[str, str | None, str]:
        """The schedule, the user where there is one, and the command."""
        count = (1 if text.startswith("@") else 5) + self._system
        columns = text.split(None, count)
        if len(columns) <= count:
            expected = "five fields or @daily, a user" if self._system else "five fields or @daily"
            message = f"is neither NAME=value nor a job: expected {expected}, and a command"
            raise ConfigurationError([place.bad(message)])
        *fields, command = columns
        user = fields.pop() if self._system else None
        return " ".join(fields).removeprefix("-"), user, command  # a minus before the minutes only means: do not log

    def _command(self, text: str) -> list[str]:
        command, has_input, given = _split_input(text)
        if has_input:
            delimiter = _DELIMITER
            while delimiter in given:
                delimiter += "_"
            command = f"{{ {command}\n}} <<'{delimiter}'\n{given}\n{delimiter}"
        variables = [f"{name}={value}" for name, value in self._around.variables.items()]
        return [*(["env", *variables] if variables else []), self._around.shell, "-c", command]


def _split_input(text: str) -> tuple[str, bool, str]:
    r"""The command, whether it has input, and that input: after the first `%`, with every further one a new line.

    `\%` is a percent sign.
    """
    command, *lines = (part.replace(r"\%", "%") for part in re.split(r"(?<!\\)%", text))
    return command, bool(lines), "\n".join(lines)


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _program(command: str) -> str:
    """What the command is about: `cd /srv && nice php -q ./run.php --all` is called `run`."""
    for part in re.split(r"&&|\|\||;", command):
        words = [word for word in part.split() if not _ASSIGNMENT.fullmatch(word)]
        while words and words[0] in _WRAPPERS and len(words) > 1 and not words[1].startswith("-"):
            words = words[1:]
        if words and words[0] not in _SHELLS:
            return PurePosixPath(_script(words)).stem
    return "job"


def _script(words: list[str]) -> str:
    """The program, or the script that an interpreter is given."""
    program = words[0]
    if not _INTERPRETERS.fullmatch(PurePosixPath(program).name):
        return program
    if "-m" in words[:-1]:
        return words[words.index("-m") + 1].replace(".", "-")
    return next((word for word in words[1:] if "/" in word or re.fullmatch(r"[\w-]+\.\w+", word)), program)
