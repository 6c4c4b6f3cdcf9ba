"""Crontabs of users and of the system; the commands really run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rota.importers.crontab import read_crontab
from rota.importers.imported import Imported, require_valid
from rota.importers.writing import jobs_text
from rota.model.errors import ConfigurationError


def read(folder: Path, text: str | bytes, **options: Any) -> Imported:
    path = folder / "shop.cron"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    imported = read_crontab(path, **{"timezone": "Europe/Berlin", **options})
    require_valid(imported)
    return imported


def problems(folder: Path, text: str | bytes, **options: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(folder, text, **options)
    return [str(problem).removeprefix(f"{folder}/shop.cron") for problem in caught.value.problems]


def test_a_users_crontab(tmp_path: Path) -> None:
    text = "# comment\n\n  30\t2 * * 1-5  /usr/local/bin/backup.sh --full\n@hourly backup.sh\r\n0 9 * * mon sync"
    imported = read(tmp_path, text)
    assert imported.to_data() == {
        "rota": 1,
        "configuration": {"name": "shop", "timezone": "Europe/Berlin"},
        "jobs": {
            "backup": {
                "command": ["/bin/sh", "-c", "/usr/local/bin/backup.sh --full"],
                "schedule": {"cron": "30 2 * * 1-5"},
            },
            "backup-2": {"command": ["/bin/sh", "-c", "backup.sh"], "schedule": {"cron": "@hourly"}},
            "sync": {"command": ["/bin/sh", "-c", "sync"], "schedule": {"cron": "0 9 * * mon"}},
        },
    }
    assert [job.place.line for job in imported.jobs] == [3, 4, 5]


def test_a_name_that_looks_like_a_number_is_text(tmp_path: Path) -> None:
    [job] = read(tmp_path, "@daily 7 z").jobs
    assert (job.name, jobs_text(read(tmp_path, "@daily 7 z")).count('\n  "7":\n')) == ("7", 1)


def test_a_system_crontab_names_users(tmp_path: Path) -> None:
    imported = read(tmp_path, "17 * * * * root run-parts /etc/cron.hourly\n@daily www-data tidy", system=True)
    assert [job.body["command"][-1] for job in imported.jobs] == ["run-parts /etc/cron.hourly", "tidy"]
    assert [finding.message for finding in imported.report if finding.path] == [
        "ran as root; here it runs as the user of the engine",
        "ran as www-data; here it runs as the user of the engine",
    ]


def test_lines_of_the_environment_hold_for_the_jobs_below(tmp_path: Path) -> None:
    text = "* * * * * a\nSHELL=/bin/bash\nA = 'x y' \nCRON_TZ=Asia/Tokyo\n* * * * * b\nCRON_TZ=\n* * * * * c"
    jobs = {job.name: job.body for job in read(tmp_path, text).jobs}
    every, a = {"cron": "* * * * *"}, {"A": "x y"}
    assert jobs == {
        "a": {"command": ["/bin/sh", "-c", "a"], "schedule": every},
        "b": {"command": ["/bin/bash", "-c", "b"], "environment": a, "schedule": every | {"timezone": "Asia/Tokyo"}},
        "c": {"command": ["/bin/bash", "-c", "c"], "environment": a, "schedule": every},
    }


def test_a_variable_of_a_name_that_no_job_can_set_is_reported(tmp_path: Path) -> None:
    imported = read(tmp_path, '"log level" = info\n* * * * * a')
    assert "environment" not in imported.jobs[0].body
    assert "log level: no variable can have that name here; it is not set" in [each.message for each in imported.report]


def test_what_has_no_counterpart_is_reported(tmp_path: Path) -> None:
    imported = read(tmp_path, "MAILTO=ann\nRANDOM_DELAY=6\n@reboot cd /srv && ./start\n", timezone=None)
    [job] = imported.jobs
    assert job.body == {"command": ["/bin/sh", "-c", "cd /srv && ./start"], "use": False}
    assert [(finding.line, finding.message[:40]) for finding in imported.report] == [
        (None, "schedules are on the clock of the machin"),
        (None, "cron starts a command in its user's home"),
        (1, "MAILTO=ann: output is not mailed"),
        (2, "RANDOM_DELAY=6: starts are not delayed a"),
        (3, "@reboot: nothing starts with the machine"),
    ]


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("cat%one%two", "one\ntwo\n"),
        (r"cat%50\% off", "50% off\n"),
        (r"echo 1\%", "1%\n"),
        ("cat; echo end%$HOME `x` END_OF_INPUT", "$HOME `x` END_OF_INPUT\nend\n"),
        ("cat%", "\n"),
        ('test "$A" = "x  y" && echo yes', "yes\n"),
    ],
)
def test_commands_get_their_input_and_their_environment(tmp_path: Path, line: str, printed: str) -> None:
    [job] = read(tmp_path, f'A="x  y"\n* * * * * {line}').jobs
    surroundings = {**os.environ, **job.body["environment"]}
    result = subprocess.run(
        job.body["command"], env=surroundings, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True
    )
    assert result.stdout == printed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2 3", ":1:1: is neither NAME=value nor a job: expected five fields or @daily, and a command"),
        ("\n* * * * *", ":2:1: is neither NAME=value nor a job"),
        ("99 * * * * x", ':1: jobs.x.schedule.cron: not a cron expression: "99 * * * *": Bad minute'),
        ("@fortnightly x", ':1: jobs.x.schedule.cron: not a cron expression: "@fortnightly" is not one of'),
        ("CRON_TZ=Mars/Olympus\n* * * * * x", ":1: CRON_TZ: 'Mars/Olympus' is not a known time zone"),
        ("# nothing", ": holds no job"),
        ("", ": holds no job"),
        (b"\x7fELF\0\1", ":1:5: holds a NUL character; it is not a text file"),
        (b"* * * * * caf\xe9", ":1:14: is not text in UTF-8"),
    ],
)
def test_bad_input_is_told_with_its_place(tmp_path: Path, text: str | bytes, expected: str) -> None:
    [problem] = problems(tmp_path, text)
    assert problem.startswith(expected)


def test_a_system_crontab_needs_the_user(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, "* * * * * x", system=True)
    assert "expected five fields or @daily, a user, and a command" in problem


def test_all_bad_lines_are_told_at_once(tmp_path: Path) -> None:
    text = "1\n* * * * * x\n@daily\n0 25 * * * x\n0 0 31 2 * x\nCRON_TZ=Mars/X\n"
    assert [problem[:5] for problem in problems(tmp_path, text)] == [":1:1:", ":3:1:", ":4: j", ":5: j", ":6: C"]


def test_a_line_that_only_looks_continued_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "crontab"
    path.write_text("0 1 * * * a && \\\n  b\n")
    with pytest.raises(ConfigurationError) as caught:
        read_crontab(path)
    [problem] = caught.value.problems
    assert (problem.line, problem.hint) == (
        2,
        "cron knows no continuation: the line before ends with a backslash, and is a job of its own",
    )


def test_a_minus_before_the_minutes_says_nothing_of_the_schedule(tmp_path: Path) -> None:
    [job] = read(tmp_path, "-*/15 * * * * x").jobs
    assert job.body["schedule"] == {"cron": "*/15 * * * *"}


def test_a_random_time_has_no_counterpart(tmp_path: Path) -> None:
    [job] = read(tmp_path, "0~59 3 * * * x").jobs
    assert job.body == {"command": ["/bin/sh", "-c", "x"], "use": False}
    assert "no time is chosen at random" in job.findings[0].message


def test_a_system_crontab_read_as_a_users_is_suspected(tmp_path: Path) -> None:
    [job] = read(tmp_path, "17 * * * * root cd / && run-parts /etc/cron.hourly").jobs
    assert job.findings[0].hint == "--system reads a crontab of the system"


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    imported = read(tmp_path, b"\xef\xbb\xbfSHELL=/bin/bash\r\n# note\r\n\r\n0 5 * * 1 tar /home/\r\n")
    assert [job.body["command"] for job in imported.jobs] == [["/bin/bash", "-c", "tar /home/"]]


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("cd /srv && NICE=1 ./run.sh --all", "run"),
        ("/usr/bin/python3 -u /srv/load_rates.py --all", "load-rates"),
        ("python -m shop.jobs.tidy", "shop-jobs-tidy"),
        ("php -d memory_limit=1 artisan.php schedule:run", "artisan"),
        ("sudo nice /opt/backup.sh", "backup"),
        ("sudo -u www x", "sudo"),
        ("[ -x /usr/bin/php ] && php", "php"),
        ("бэкап", "bekap"),
        ("!!!", "job"),
    ],
)
def test_a_job_is_named_after_what_it_runs(tmp_path: Path, command: str, name: str) -> None:
    assert [job.name for job in read(tmp_path, f"@daily {command}").jobs] == [name]
