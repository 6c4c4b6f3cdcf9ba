"""`rota import onec`: the scheduled jobs of a 1C:Enterprise configuration.

It reads the designer's dump (`ScheduledJobs/NAME.xml` with `NAME/Ext/Schedule.xml`) and the project of 1C:EDT
(`ScheduledJobs/NAME/NAME.mdo` with `Schedule.schedule` beside it). Their methods become stubs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rota.configuration.source import shown
from rota.importers.imported import Clock, Imported, ImportedJob, Place, require_readable, schedule_problems
from rota.importers.naming import Names, identifier, job_name
from rota.importers.onec_schedule import read_schedule
from rota.importers.stubs import Stubs
from rota.importers.xml_tree import Element, read_xml
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem

FOLDER = "ScheduledJobs"

_KNOWN = {
    "name",
    "synonym",
    "comment",
    "methodname",
    "description",
    "key",
    "use",
    "predefined",
    "restartcountonfailure",
    "restartintervalonfailure",
}


def read_onec(folder: Path, *, name: str | None = None, timezone: str | None = None) -> Imported:
    """The jobs below `folder`. Raises `ConfigurationError` with everything that cannot be read."""
    clock = Clock.of(timezone)
    jobs_folder = _find(folder)
    own = name or job_name(_title(jobs_folder.resolve().parent), otherwise="onec")
    importer = _Importer(Stubs(identifier(f"{own}-jobs", otherwise="onec_jobs")))
    problems: list[Problem] = []
    jobs: list[ImportedJob] = []
    paths = _job_files(jobs_folder)
    for path in paths:
        try:
            jobs += importer.job(path)
        except ConfigurationError as error:
            problems += error.problems
    require_readable(problems)
    if not jobs:
        raise ConfigurationError([Place(shown(jobs_folder)).bad("holds no scheduled job"), *importer.findings])
    orphans = (Place(shown(folder)).finding("holds no job and is left out") for folder in _orphans(jobs_folder, paths))
    files = importer.stubs.files()
    return Imported(
        name=own,
        importer="onec",
        source=shown(folder),
        timezone=clock.zone,
        jobs=tuple(jobs),
        findings=(*clock.findings(Place(shown(jobs_folder)), "the 1C server"), *importer.findings, *orphans),
        modules=(importer.stubs.package,) if files else (),
        files=files,
    )


def _find(folder: Path) -> Path:
    candidates = (folder / FOLDER, folder / "src" / FOLDER, folder)
    for candidate in candidates[:2]:
        if candidate.is_dir():
            return candidate
    if folder.name == FOLDER and folder.is_dir():
        return folder
    message = f"holds no folder {FOLDER}" if folder.is_dir() else "is not a folder"
    hint = "name the folder of a designer's XML dump or of an EDT project"
    raise ConfigurationError([Place(shown(folder)).bad(message, hint=hint)])


def _title(folder: Path) -> str:
    """What the configuration calls itself, else what the folder of the dump or of the EDT project is called."""
    for path in (folder / "Configuration.xml", folder / "Configuration" / "Configuration.mdo"):
        if path.is_file():
            root = read_xml(path)
            element = root.first("Configuration") or root
            if title := _Properties(element.first("Properties") or element).text("name"):
                return title
    return folder.parent.name if folder.name == "src" else folder.name


def _job_files(folder: Path) -> list[Path]:
    """In the order of their names, whichever format they have."""
    found = {path.stem: path for path in folder.glob("*.xml")}
    found |= {path.stem: path for path in folder.glob("*/*.mdo") if path.stem == path.parent.name}
    return [found[stem] for stem in sorted(found)]


def _orphans(folder: Path, jobs: Iterable[Path]) -> list[Path]:
    """Folders that belong to no job."""
    known = {path.stem for path in jobs}
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name not in known)


class _Importer:
    def __init__(self, stubs: Stubs) -> None:
        self.stubs = stubs
        self.findings: list[Problem] = []
        self._names = Names()

    def job(self, path: Path) -> Iterator[ImportedJob]:
        """The job of the file; none, and a finding, if it names no method."""
        root = read_xml(path)
        element = root if root.name == "ScheduledJob" else root.first("ScheduledJob")
        if element is None:
            raise ConfigurationError([root.place.bad(f"holds <{root.name}>, not a scheduled job")])
        properties = _Properties(element.first("Properties") or element)
        title = properties.text("name") or path.stem
        method = properties.text("methodname")
        if not method:
            self.findings.append(element.place.finding(f"{title} names no method and is left out"))
            return
        name = self._names.take(job_name(title))
        body: dict[str, Any] = {"description": properties.text("description") or properties.synonym or title}
        module, _, function = method.removeprefix("CommonModule.").rpartition(".")
        body["method"] = self.stubs.method(method, module or "methods", function)
        body |= properties.settings()
        findings = [*properties.unknown(name)]
        places = {}
        schedule = _schedule_file(path)
        if schedule.exists():
            root = read_xml(schedule)
            holder = root.first("Schedule") or root
            places["schedule"] = holder.place
            body["schedule"], more = read_schedule(holder, name)
            require_readable(schedule_problems(body["schedule"], name, holder.place))
            findings += more
        elif body.get("use", True) and body.get("predefined", True):
            findings.append(element.place.finding("is in use and has no schedule: it never starts", job=name))
        yield ImportedJob(
            name=name,
            place=element.place,
            body=body,
            remarks=tuple(properties.remarks(element.attributes.get("uuid"), method)),
            findings=tuple(findings),
            places=places,
        )


def _schedule_file(path: Path) -> Path:
    if path.suffix == ".mdo":
        return path.with_name("Schedule.schedule")
    return path.with_suffix("") / "Ext" / "Schedule.xml"


class _Properties:
    """A job's properties, whichever of the two formats writes them."""

    def __init__(self, element: Element) -> None:
        self._edt = element.name == "ScheduledJob"
        self._found = {child.name.lower(): child for child in element.children}
        self._synonyms = dict(_synonyms(self._found.get("synonym"), element))

    def text(self, name: str) -> str:
        found = self._found.get(name)
        return found.text.strip() if found else ""

    @property
    def synonym(self) -> str:
        """What people call it: in English where it has that."""
        return self._synonyms.get("en") or next(iter(self._synonyms.values()), "")

    def settings(self) -> dict[str, Any]:
        """Key, flags and restarts, where they differ from Rota's defaults."""
        settings: dict[str, Any] = {}
        if key := self.text("key"):
            settings["key"] = key
        for flag in ("predefined", "use"):
            if not self._flag(flag):
                settings[flag] = False
        if count := self._number("restartcountonfailure"):
            settings["retry"] = {"count": count, "interval": self._number("restartintervalonfailure")}
        return settings

    def remarks(self, uuid: str | None, method: str) -> Iterator[str]:
        yield f"Method {method}" + (f", job {uuid}" if uuid else "")
        for language, synonym in self._synonyms.items():
            if synonym != self.synonym or self.text("description"):
                yield f"Synonym ({language}): {synonym}"
        if comment := self.text("comment"):
            yield f"Comment: {comment}"

    def unknown(self, job: str) -> Iterator[Problem]:
        for name, child in self._found.items():
            if name not in _KNOWN:
                said = child.text.strip()
                yield child.place.finding(f"<{child.name}> has no counterpart" + (f": {said}" if said else ""), job=job)

    def _flag(self, name: str) -> bool:
        text = self.text(name)
        if text not in {"", "true", "false"}:
            place = self._found[name].place
            raise ConfigurationError([place.bad(f"<{self._found[name].name}> is {text!r}: expected true or false")])
        return text == "true" if text or self._edt else True

    def _number(self, name: str) -> int:
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) <= 12):
            found = self._found[name]
            raise ConfigurationError([found.place.bad(f"<{found.name}> is {text!r}: expected a whole number")])
        return int(text or 0)


def _synonyms(element: Element | None, parent: Element) -> Iterator[tuple[str, str]]:
    """By language: `<item><lang/><content/></item>` in a dump, a `<synonym>` with key and value each in EDT."""
    for item in element.all("item") if element else ():
        yield item.value("lang"), item.value("content")
    for each in parent.all("synonym"):
        yield each.value("key"), each.value("value")
