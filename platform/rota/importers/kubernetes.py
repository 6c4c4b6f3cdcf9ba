"""`rota import kubernetes`: CronJob manifests, in one file of several documents or in a List.

The command of a job's only container is carried over with its plain environment; the image is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rota.configuration.source import Source, read
from rota.importers.imported import Clock, Imported, ImportedJob, Place, require_readable, schedule_problems
from rota.importers.kubernetes_pod import Pod
from rota.importers.manifest import Manifest, manifests
from rota.importers.naming import Names, job_name
from rota.importers.periods import period
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem

_EVERY = re.compile(r"@every\s+((?:[0-9.]+(?:h|ms|m|s))+)")
_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)")
_UNITS = {"h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_ZONE_PREFIX = re.compile(r"(?:CRON_)?TZ=(\S+)\s+(.*)")

_BACKOFF = {"interval": "10s", "backoff": 2.0, "max_interval": "6m"}
"""How Kubernetes spaces the restarts of a Job."""

_CONCURRENCY = {
    "Allow": "concurrencyPolicy Allow: a job never runs beside itself here",
    "Replace": "concurrencyPolicy Replace: a run in progress is not stopped for the next one",
}


def read_kubernetes(path: Path, *, name: str | None = None, timezone: str | None = None) -> Imported:
    """The CronJobs of the file. Raises `ConfigurationError` with everything that cannot be read."""
    clock = Clock.of(timezone)
    source = read(path)
    if isinstance(source, Problem):
        raise ConfigurationError([source])
    importer = _Importer()
    jobs = tuple(importer.jobs(source))
    require_readable(importer.problems)
    if not jobs:
        raise ConfigurationError([Place(source.name).bad("holds no CronJob"), *importer.findings])
    zoned = () if all("timezone" in job.body.get("schedule", {}) for job in jobs) else (Place(source.name),)
    return Imported(
        name=name or job_name(path.stem, otherwise="kubernetes"),
        importer="kubernetes",
        source=source.name,
        timezone=clock.zone,
        jobs=jobs,
        findings=(*(f for place in zoned for f in clock.findings(place, "the cluster")), *importer.findings),
    )


class _Importer:
    def __init__(self) -> None:
        self._names = Names()
        self.findings: list[Problem] = []
        self.problems: list[Problem] = []

    def jobs(self, source: Source) -> Iterator[ImportedJob]:
        for manifest in manifests(source, self.problems):
            kind = manifest.data.get("kind")
            if kind != "CronJob":
                self.findings.append(manifest.place().finding(f"{kind or 'a document without kind'}: left out"))
                continue
            try:
                yield self._job(manifest)
            except ConfigurationError as error:
                self.problems += error.problems

    def _job(self, manifest: Manifest) -> ImportedJob:
        metadata, spec = manifest.section("metadata"), manifest.section("spec")
        title = metadata.text("name", required=not metadata.has("generateName")) or metadata.text("generateName")
        namespace = metadata.text("namespace") or "default"
        name = self._names.take(job_name(title))
        template = spec.section("jobTemplate").section("spec")
        pod = Pod(template.section("template").section("spec"))
        body: dict[str, Any] = {"command": pod.command()}
        if pod.environment:
            body["environment"] = pod.environment
        if spec.flag("suspend"):
            body["use"] = False
        if count := template.number("backoffLimit", 6):
            body["retry"] = {"count": count, **_BACKOFF}
        if deadline := template.number("activeDeadlineSeconds", 0):
            body["timeout"] = deadline
        told = [*_differences(spec, template), *pod.findings]
        place, where = manifest.place(), spec.place("schedule")
        schedule = _schedule(spec, lambda message: told.append((where, message)))
        if schedule is None:
            body["use"] = False
        else:
            body["schedule"] = schedule
            self.problems += schedule_problems(schedule, name, where)
        told += manifest.leftovers()
        return ImportedJob(
            name=name,
            place=place,
            body=body,
            remarks=(f"CronJob {namespace}/{title}", *pod.remarks),
            findings=tuple(at.finding(message, job=name) for at, message in told),
            places={"schedule": where},
        )


def _schedule(spec: Manifest, tell: Callable[[str], object]) -> dict[str, Any] | None:
    """The schedule; None, and said why, if it has none here."""
    expression, zone = spec.text("schedule", required=True).strip(), spec.text("timeZone")
    if match := _ZONE_PREFIX.fullmatch(expression):
        zone, expression = zone or match[1], match[2]
    schedule: dict[str, Any] | None = {"cron": expression.replace("?", "*")}
    if match := _EVERY.fullmatch(expression):
        tell("@every counts from the making of the CronJob; here it counts from midnight")
        schedule = period(sum(float(n) * _UNITS[unit] for n, unit in _LENGTH.findall(match[1])), tell)
    if schedule is None:
        return None
    if zone:
        schedule["timezone"] = zone
    if spec.has("startingDeadlineSeconds"):
        schedule["start_within"] = spec.number("startingDeadlineSeconds", 0)
    return schedule


def _differences(spec: Manifest, template: Manifest) -> Iterator[tuple[Place, str]]:
    policy = spec.text("concurrencyPolicy") or "Allow"
    if policy in _CONCURRENCY:
        yield spec.place("concurrencyPolicy"), _CONCURRENCY[policy]
    elif policy == "Forbid":
        yield (
            spec.place("concurrencyPolicy"),
            "concurrencyPolicy Forbid: a start that falls into a run is made up for when it ends, not skipped",
        )
    else:
        raise ConfigurationError([spec.place("concurrencyPolicy").bad(f"concurrencyPolicy {policy!r} is not known")])
    if template.has("activeDeadlineSeconds"):
        yield (
            template.place("activeDeadlineSeconds"),
            "activeDeadlineSeconds bounded all attempts together; here it bounds each",
        )
