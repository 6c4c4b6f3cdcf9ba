"""CronJob manifests, and everything of them that stays behind."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from rota.importers.imported import Imported, require_valid
from rota.importers.kubernetes import read_kubernetes
from rota.model.errors import ConfigurationError

WHOLE = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nightly.report
  namespace: shop
  labels: {app: shop}
spec:
  schedule: "30 2 * * *"
  timeZone: Europe/Berlin
  suspend: true
  startingDeadlineSeconds: 600
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: Never
          serviceAccountName: reporter
          containers:
            - name: report
              image: shop/report:7
              command: [sh, -c]
              args: ["echo $(WHO) $$(WHO) $(UNKNOWN)"]
              env:
                - {name: NAME, value: Ann}
                - {name: WHO, value: "$(NAME)!"}
                - name: SECRET
                  valueFrom: {secretKeyRef: {name: s, key: k}}
            - {name: sidecar, image: proxy}
status: {}
"""

SMALL = """\
kind: CronJob
metadata: {name: NAME}
spec:
  schedule: "@daily"
  jobTemplate: {spec: {template: {spec: {containers: [{name: a, command: [tidy]}]}}}}
"""


def read(folder: Path, text: str | bytes, **options: Any) -> Imported:
    path = folder / "shop.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    imported = read_kubernetes(path, **options)
    require_valid(imported)
    return imported


def report(imported: Imported) -> list[tuple[int | None, str]]:
    return [(finding.line, finding.message) for finding in imported.report]


def test_a_whole_cron_job(tmp_path: Path) -> None:
    imported = read(tmp_path, WHOLE)
    [job] = imported.jobs
    assert (job.name, job.remarks) == ("nightly-report", ("CronJob shop/nightly.report", "Image shop/report:7"))
    assert job.body == {
        "command": ["sh", "-c", "echo Ann! $(WHO) $(UNKNOWN)"],
        "environment": {"NAME": "Ann", "WHO": "Ann!"},
        "use": False,
        "retry": {"count": 2, "interval": "10s", "backoff": 2.0, "max_interval": "6m"},
        "timeout": 3600,
        "schedule": {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "start_within": 600},
    }
    assert report(imported) == [
        (12, "concurrencyPolicy Forbid: a start that falls into a run is made up for when it ends, not skipped"),
        (16, "activeDeadlineSeconds bounded all attempts together; here it bounds each"),
        (31, "container sidecar: only the first one is carried over"),
        (23, "image shop/report:7: the command runs on the engine's own machine"),
        (30, "SECRET has its value from elsewhere and is not set"),
        (6, "metadata.labels has no counterpart"),
        (20, "spec.jobTemplate.spec.template.spec.serviceAccountName has no counterpart"),
        (31, "spec.jobTemplate.spec.template.spec.containers[1].image has no counterpart"),
    ]


def test_documents_and_lists_and_other_kinds(tmp_path: Path) -> None:
    indented = "".join(f"  {line}\n" for line in SMALL.splitlines())
    listed = f"kind: List\nitems:\n{indented.replace('  kind', '- kind', 1)}"
    text = f"# first\n---\n{SMALL}--- # second\nkind: Deployment\n---\n\n---\n{listed}"
    imported = read(tmp_path, text.replace("NAME", "tidy"), timezone="UTC")
    assert [(job.name, job.place.line) for job in imported.jobs] == [("tidy", 3), ("tidy-2", 15)]
    assert report(imported)[0] == (9, "Deployment: left out")


def test_the_zone_of_the_cluster_is_not_in_the_manifest(tmp_path: Path) -> None:
    [job] = read(tmp_path, SMALL.replace("NAME", "a").replace("@daily", "CRON_TZ=Asia/Tokyo 0 6 * * *")).jobs
    assert job.body["schedule"] == {"cron": "0 6 * * *", "timezone": "Asia/Tokyo"}
    told = report(read(tmp_path, SMALL.replace("NAME", "a")))
    assert told[0][1] == "schedules are on the clock of the cluster, which is not written there: read as UTC"
    assert told[1][1] == "concurrencyPolicy Allow: a job never runs beside itself here"


def test_a_command_that_only_the_image_knows_fails_and_says_so(tmp_path: Path) -> None:
    text = SMALL.replace("NAME", "a").replace("command: [tidy]", "image: shop/tidy, args: [x]")
    imported = read(tmp_path, text, timezone="UTC")
    result = subprocess.run(imported.jobs[0].body["command"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, "the entry point of shop/tidy is not known\n")
    assert any("names no command" in message for _, message in report(imported))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("@daily", "99 * * * *", ':4: jobs.a.schedule.cron: not a cron expression: "99 * * * *"'),
        ('"@daily"', "5", ":4: spec.schedule: schedule is 5: expected text"),
        ('  schedule: "@daily"\n', "", ":3: spec.schedule: schedule is missing"),
        ("spec:", "spec:\n  timeZone: Mars/Olympus", ":5: jobs.a.schedule.timezone: "),
        ("spec:", "spec:\n  suspend: maybe", ":4: spec.suspend: suspend is 'maybe': expected true or false"),
        ("spec:", "spec:\n  startingDeadlineSeconds: -1", ":4: spec.startingDeadlineSeconds: -1 is negative"),
        ("spec:", "spec:\n  concurrencyPolicy: Never", ":4: concurrencyPolicy 'Never' is not known"),
        ("{name: a}", "{}", ":2: metadata.name: name is missing"),
        ("{name: a}", "[", ":"),
        ("[tidy]", "[1]", ":5: spec.jobTemplate.spec.template.spec.containers[0].command[0]: 1 is not text"),
        ("containers: [{name: a, command: [tidy]}]", "containers: [~]", ":5: spec.jobTemplate.spec.template.spec."),
        ("kind: CronJob", "kind: Pod", ": holds no CronJob"),
    ],
)
def test_bad_input_is_told_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, SMALL.replace("NAME", "a").replace(old, new, 1), timezone="UTC")
    problem = next(each for each in caught.value.problems if each.severity == "error")
    assert str(problem).startswith(f"{tmp_path}/shop.yaml{expected}")


def test_a_binary_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, b"\x1f\x8b\x08\0")
    assert "shop.yaml:1:2: is not text in UTF-8" in str(caught.value.problems[0])


@pytest.mark.parametrize(
    ("schedule", "expected", "told"),
    [
        ("@every 1h30m", {"days_repeat_period": 1, "repeat_period_in_day": 5400}, "@every counts from the making"),
        ("@every 48h", {"days_repeat_period": 2}, "@every counts from the making"),
        ("@every 36h", None, "every 129600 s is neither whole seconds within a day nor whole days"),
        ("? 3 ? * *", {"cron": "* 3 * * *"}, None),
    ],
)
def test_what_only_its_own_cron_knows(tmp_path: Path, schedule: str, expected: Any, told: str | None) -> None:
    imported = read(tmp_path, SMALL.replace("NAME", "a").replace("@daily", schedule), timezone="UTC")
    [job] = imported.jobs
    assert job.body.get("schedule") == expected
    assert job.body.get("use", True) is (expected is not None)
    assert told is None or any(message.startswith(told) for _, message in report(imported))


def test_the_items_of_a_list_of_cron_jobs_need_no_kind(tmp_path: Path) -> None:
    body = SMALL.removeprefix("kind: CronJob\n").replace("NAME", "a").replace("\n", "\n  ").rstrip()
    imported = read(tmp_path, f"kind: CronJobList\nitems:\n- {body}\n", timezone="UTC")
    assert [job.name for job in imported.jobs] == ["a"]


def test_a_name_that_the_cluster_completes(tmp_path: Path) -> None:
    imported = read(tmp_path, SMALL.replace("name: NAME", "generateName: tidy-"), timezone="UTC")
    assert [job.name for job in imported.jobs] == ["tidy"]


def test_every_bad_object_is_told_at_once(tmp_path: Path) -> None:
    bad = SMALL.replace("NAME", "a").replace("@daily", "0 0 31 2 *")
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, f"{bad}---\n- text\n---\n5\n---\n{SMALL.replace('name: NAME', '')}", timezone="UTC")
    assert [(problem.line, problem.message[:30]) for problem in caught.value.problems] == [
        (4, 'not a cron expression: "0 0 31'),
        (7, "'text' is not a mapping"),
        (9, "a document that is neither a m"),
        (12, "name is missing"),
    ]


def test_a_variable_of_a_name_that_no_job_can_set_is_reported(tmp_path: Path) -> None:
    env = "command: [tidy], env: [{name: log.level, value: info}, {name: A, value: b}]"
    imported = read(tmp_path, SMALL.replace("NAME", "a").replace("command: [tidy]", env), timezone="UTC")
    assert imported.jobs[0].body["environment"] == {"A": "b"}
    assert (5, "log.level: no variable can have that name here; it is not set") in report(imported)
