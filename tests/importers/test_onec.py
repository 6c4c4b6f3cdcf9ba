"""Scheduled jobs of 1C:Enterprise, from both formats, and what is wrong with bad ones."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rota.importers.imported import Imported, require_valid
from rota.importers.onec import read_onec
from rota.model.errors import ConfigurationError, UsageError
from rota.schedule import Schedule
from tests.support.onec import REAL, SCHEDULES, write_dump, write_job, write_project

SOURCES = ["dump", "project", *(["real"] if REAL.is_dir() else [])]
"""The real jobs hold the five others; where they are missing, the written ones are the same."""

EXPECTED: dict[str, dict[str, Any]] = {
    "accounting-check": {"days_repeat_period": 1, "begin_time": "20:00", "end_time": "08:00"},
    "backup-of-built-in-binary-data-storage": {
        "days_repeat_period": 0,
        "week_days": ["mon", "tue", "wed", "thu", "fri", "sat"],
        "begin_time": "23:59:59",
    },
    "clear-obsolete-data": {
        "days_repeat_period": 1,
        "begin_time": "01:00",
        "end_time": "06:00",
        "repeat_period_in_day": 900,
        "repeat_pause": 300,
    },
    "clearing-obsolete-object-versions": {
        "days_repeat_period": 1,
        "begin_time": "03:00",
        "completion_time": "04:00",
    },
    "update-aggregates": {
        "days_repeat_period": 1,
        "detailed_daily_schedules": [{"begin_time": "01:00"}, {"begin_time": "14:00"}],
    },
}

JOB = "<MethodName>CommonModule.Work.Run</MethodName>"


@pytest.fixture(params=SOURCES)
def imported(request: pytest.FixtureRequest, tmp_path: Path) -> Imported:
    if request.param == "real":
        return read_onec(REAL, timezone="UTC")
    folder = tmp_path / "Shop"
    return read_onec(write_dump(folder) if request.param == "dump" else write_project(folder), timezone="UTC")


def bodies(imported: Imported) -> dict[str, dict[str, Any]]:
    return {job.name: job.body for job in imported.jobs}


def messages(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        require_valid(read_onec(folder))
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_schedules_are_carried_over_as_they_are(imported: Imported) -> None:
    found = bodies(imported)
    assert {name: found[name]["schedule"] for name in EXPECTED} == EXPECTED
    require_valid(imported)


def test_the_real_jobs_are_all_there(imported: Imported) -> None:
    assert len(imported.jobs) == (45 if imported.source == str(REAL) else len(SCHEDULES))
    assert imported.report == ()


def test_a_night_belongs_to_the_day_on_which_it_began(imported: Imported) -> None:
    nightly = Schedule.parse(bodies(imported)["accounting-check"]["schedule"])
    after = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert [(o.start, o.closes_at) for o in nightly.next_occurrences(after, 2)] == [
        (datetime(2026, 3, 1, 20, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)),
        (datetime(2026, 3, 2, 20, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC)),
    ]


def test_repeats_completion_and_several_times_a_day(imported: Imported) -> None:
    found = {name: Schedule.parse(body["schedule"]) for name, body in bodies(imported).items() if "schedule" in body}
    midnight = datetime(2026, 3, 1, tzinfo=UTC)

    repeats = found["clear-obsolete-data"].next_occurrences(midnight, 22)
    assert repeats[0].start == midnight.replace(hour=1)
    assert repeats[20].start == midnight.replace(hour=6)
    assert repeats[21].start == midnight.replace(day=2, hour=1)
    [completed] = found["clearing-obsolete-object-versions"].next_occurrences(midnight, 1)
    assert (completed.start, completed.stop_at) == (midnight.replace(hour=3), midnight.replace(hour=4))
    twice = found["update-aggregates"].next_occurrences(midnight, 3)
    assert [each.start - midnight for each in twice] == [timedelta(hours=hours) for hours in (1, 14, 25)]
    once = found["backup-of-built-in-binary-data-storage"].next_occurrences(midnight, 5, active_since=midnight)
    assert [each.start for each in once] == [datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)]  # the 1st is a Sunday


def test_every_method_has_a_stub_that_names_the_original(imported: Imported) -> None:
    assert imported.files
    for path, text in imported.files.items():
        tree = ast.parse(text)
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert path.endswith("__init__.py") or functions
        for function in functions:
            assert 'raise NotImplementedError("CommonModule.' in ast.unparse(function).replace("'", '"')


def test_a_job_says_what_it_said(tmp_path: Path) -> None:
    properties = (
        "<Comment>Careful</Comment><MethodName>CommonModule.ОбменДанными.Выполнить</MethodName>"
        "<Description>Exchanges data</Description><Key>exchange</Key><Use>false</Use><Predefined>false</Predefined>"
        "<RestartCountOnFailure>2</RestartCountOnFailure><RestartIntervalOnFailure>60</RestartIntervalOnFailure>"
        "<ObjectBelonging>Adopted</ObjectBelonging>"
    )
    write_job(tmp_path, "ЗагрузкаКурсовВалют", properties=properties)
    imported = read_onec(tmp_path, name="shop", timezone="Europe/Berlin")
    [job] = imported.jobs
    assert job.name == "zagruzka-kursov-valyut"
    assert job.body == {
        "description": "Exchanges data",
        "method": "shop_jobs.obmen_dannymi:vypolnit",
        "key": "exchange",
        "predefined": False,
        "use": False,
        "retry": {"count": 2, "interval": 60},
    }
    assert job.remarks == (
        "Method CommonModule.ОбменДанными.Выполнить, job ЗагрузкаКурсовВалют-uuid",
        "Comment: Careful",
    )
    assert [finding.message for finding in imported.report] == ["<ObjectBelonging> has no counterpart: Adopted"]
    assert "CommonModule.ОбменДанными.Выполнить" in imported.files["shop_jobs/obmen_dannymi.py"]


def test_everything_without_a_counterpart_is_reported(tmp_path: Path) -> None:
    write_job(tmp_path, "NoMethod", properties="<MethodName/>")
    write_job(tmp_path, "NoSchedule", properties=JOB)
    new = '<Schedule DaysRepeatPeriod="1" Moon="full"><Tide>1</Tide></Schedule>'
    write_job(tmp_path, "New", properties=JOB, schedule=new)
    found = {finding.message for finding in read_onec(tmp_path).report}
    assert found == {
        "schedules are on the clock of the 1C server, which is not written there: read as UTC",
        "NoMethod names no method and is left out",
        "is in use and has no schedule: it never starts",
        "Moon='full' of the schedule is not known",
        "<Tide> of the schedule is not known",
    }


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ('<Schedule BeginDate="2026-02-30"/>', 'schedule.begin_date: "2026-02-30" is not a date'),
        ('<Schedule BeginTime="25:00:00"/>', "schedule.begin_time: "),
        ('<Schedule DaysRepeatPeriod="x"/>', "DaysRepeatPeriod='x': not a whole number"),
        ('<Schedule DaysRepeatPeriod="-1"/>', "schedule.days_repeat_period: -1 is less than the minimum of 0"),
        ("<Schedule><WeekDays>8</WeekDays></Schedule>", "<WeekDays> holds 8: expected 1 to 7"),
        ("<Schedule><Months>Foo</Months></Schedule>", "<Months> holds 'Foo': not a whole number"),
        ("<Schedule", "broken XML"),
    ],
)
def test_a_bad_schedule_is_told_with_its_place(tmp_path: Path, schedule: str, expected: str) -> None:
    write_job(tmp_path, "Bad", properties=JOB, schedule=schedule)
    [message] = messages(tmp_path)
    assert message.startswith("ScheduledJobs/Bad/Ext/Schedule.xml:")
    assert expected in message


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (f"{JOB}<Use>maybe</Use>", "4: <Use> is 'maybe': expected true or false"),
        (f"{JOB}<RestartCountOnFailure>many</RestartCountOnFailure>", "<RestartCountOnFailure> is 'many'"),
        (f"{JOB}<RestartCountOnFailure>9999999</RestartCountOnFailure>", "greater than the maximum of 1000000"),
        ("</wrong>", "4:"),
    ],
)
def test_a_bad_job_is_told_with_its_place(tmp_path: Path, properties: str, expected: str) -> None:
    write_job(tmp_path, "Bad", properties=properties)
    [message] = messages(tmp_path)
    assert message.startswith("ScheduledJobs/Bad.xml:")
    assert expected in message


def test_every_bad_file_is_told_at_once(tmp_path: Path) -> None:
    write_job(tmp_path, "A", properties="<")
    write_job(tmp_path, "B", properties=JOB, schedule="<")
    (tmp_path / "ScheduledJobs" / "C.xml").write_bytes(b"\x89PNG\0\xff")
    (tmp_path / "ScheduledJobs" / "D.xml").write_text("<Catalog/>")
    assert [message.partition(": ")[0] for message in messages(tmp_path)] == [
        "ScheduledJobs/A.xml:4:28",
        "ScheduledJobs/B/Ext/Schedule.xml:3:2",
        "ScheduledJobs/C.xml:1:1",
        "ScheduledJobs/D.xml:1",
    ]


def test_a_folder_without_jobs_is_told(tmp_path: Path) -> None:
    assert messages(tmp_path) == [f"{tmp_path}: holds no folder ScheduledJobs"]
    (tmp_path / "ScheduledJobs").mkdir()
    assert messages(tmp_path) == ["ScheduledJobs: holds no scheduled job"]
    [missing] = messages(tmp_path / "missing")
    assert missing.endswith("missing: is not a folder")


def test_what_left_nothing_over_says_why(tmp_path: Path) -> None:
    write_job(tmp_path, "Empty", properties="<MethodName/>")
    assert [message.partition(": ")[2] for message in messages(tmp_path)] == [
        "holds no scheduled job",
        "Empty names no method and is left out",
    ]


def test_a_folder_that_belongs_to_no_job_is_reported(tmp_path: Path) -> None:
    write_job(tmp_path, "A", properties=JOB)
    (tmp_path / "ScheduledJobs" / "Lost" / "Ext").mkdir(parents=True)
    told = [finding for finding in read_onec(tmp_path, timezone="UTC").findings if "Lost" in (finding.file or "")]
    assert [finding.message for finding in told] == ["holds no job and is left out"]


def test_it_is_called_what_the_configuration_calls_itself(tmp_path: Path) -> None:
    dump, project = tmp_path / "dump", tmp_path / "shop-edt"
    write_job(dump, "A", properties=JOB)
    name = "<Properties><Name>УправлениеТорговлей</Name></Properties>"
    (dump / "Configuration.xml").write_text(f"<MetaDataObject><Configuration>{name}</Configuration></MetaDataObject>")
    assert read_onec(dump).name == "upravlenie-torgovley"
    write_project(project)
    assert read_onec(project).name == read_onec(project / "src").name == "shop-edt"
    (project / "src" / "Configuration").mkdir()
    mdo = "<c:Configuration xmlns:c='urn:c'><name>Торговля</name></c:Configuration>"
    (project / "src" / "Configuration" / "Configuration.mdo").write_text(mdo)
    assert read_onec(project).name == "torgovlya"


def test_a_project_as_edt_writes_it(tmp_path: Path) -> None:
    """Lines end as on Windows, and flags that are false and numbers that are zero are left out."""
    job = tmp_path / "src" / "ScheduledJobs" / "ЗагрузкаКурсов"
    job.mkdir(parents=True)
    mdo = (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<mdclass:ScheduledJob xmlns:mdclass="urn:m" uuid="1">\r\n'
        "  <name>ЗагрузкаКурсов</name>\r\n  <methodName>CommonModule.Курсы.Загрузить</methodName>\r\n"
        "  <predefined>true</predefined>\r\n  <restartCountOnFailure>3</restartCountOnFailure>\r\n"
        "</mdclass:ScheduledJob>\r\n"
    )
    (job / "ЗагрузкаКурсов.mdo").write_bytes(mdo.encode())
    midnight = 'endTime="00:00:00" completionTime="00:00:00"'
    schedule = (
        '<?xml version="1.0" encoding="UTF-8"?>\r\n<s:Schedule xmlns:s="urn:s" beginDate="0001-01-01" '
        f'endDate="0001-01-01" beginTime="00:00:00" {midnight} daysRepeatPeriod="1">\r\n  <weekDays>Sat</weekDays>\r\n'
        f'  <weekDays>Sun</weekDays>\r\n  <months>Feb</months>\r\n  <dailySchedules beginTime="08:00:00" {midnight} '
        'repeatPeriodInDay="600"/>\r\n</s:Schedule>\r\n'
    )
    (job / "Schedule.schedule").write_bytes(schedule.encode())
    imported = read_onec(tmp_path, timezone="UTC")
    require_valid(imported)
    assert imported.report == ()
    [only] = imported.jobs
    assert (only.name, only.body["use"], only.body["retry"]) == ("zagruzka-kursov", False, {"count": 3, "interval": 0})
    assert only.body["schedule"] == {
        "days_repeat_period": 1,
        "week_days": ["sat", "sun"],
        "months": ["feb"],
        "detailed_daily_schedules": [{"begin_time": "08:00", "repeat_period_in_day": 600}],
    }


def test_an_unknown_zone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--timezone: 'Mars/Olympus' is not a known time zone"):
        read_onec(tmp_path, timezone="Mars/Olympus")
