"""Scheduled jobs of 1C:Enterprise: small ones written by the tests, and where real ones may lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

from tests.support.command_line import ROOT

REAL = ROOT.parent / "shared" / "data" / "onec-ssl-en"
"""A published configuration of 45 jobs (CC BY 4.0), which the project does not copy; it may be missing."""

EVERY_DAY = "1 2 3 4 5 6 7"

SCHEDULES: dict[str, tuple[dict[str, str], str, tuple[dict[str, str], ...]]] = {
    "AccountingCheck": ({"BeginTime": "20:00:00", "EndTime": "08:00:00", "DaysRepeatPeriod": "1"}, EVERY_DAY, ()),
    "BackupOfBuiltInBinaryDataStorage": (
        {"BeginTime": "23:59:59", "DaysRepeatPeriod": "0"},
        "1 2 3 4 5 6",
        (),
    ),
    "ClearObsoleteData": (
        {
            "BeginTime": "01:00:00",
            "EndTime": "06:00:00",
            "RepeatPeriodInDay": "900",
            "RepeatPause": "300",
            "DaysRepeatPeriod": "1",
        },
        EVERY_DAY,
        (),
    ),
    "ClearingObsoleteObjectVersions": (
        {"BeginTime": "03:00:00", "CompletionTime": "04:00:00", "DaysRepeatPeriod": "1"},
        EVERY_DAY,
        (),
    ),
    "UpdateAggregates": (
        {"BeginTime": "01:00:00", "DaysRepeatPeriod": "1"},
        EVERY_DAY,
        ({"BeginTime": "01:00:00"}, {"BeginTime": "14:00:00"}),
    ),
}
"""Attributes that are not zero, weekdays, and detailed daily schedules: as five of the real jobs have them."""

_ZERO = {
    "BeginDate": "0001-01-01",
    "EndDate": "0001-01-01",
    "BeginTime": "00:00:00",
    "EndTime": "00:00:00",
    "CompletionTime": "00:00:00",
    "CompletionInterval": "0",
    "RepeatPeriodInDay": "0",
    "RepeatPause": "0",
    "WeekDayInMonth": "0",
    "DayInMonth": "0",
    "WeeksPeriod": "1",
    "DaysRepeatPeriod": "0",
}

_WEEK_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def write_dump(folder: Path) -> Path:
    """The jobs as the designer dumps them."""
    for name, (fields, week_days, detailed) in SCHEDULES.items():
        inner = "".join(f"<ent:DetailedDailySchedules {_attributes(_ZERO | each)}/>" for each in detailed)
        write_job(
            folder,
            name,
            schedule=f"<Schedule {_attributes(_ZERO | fields)}><ent:WeekDays>{week_days}</ent:WeekDays>"
            f"<ent:Months>1 2 3 4 5 6 7 8 9 10 11 12</ent:Months>{inner}</Schedule>",
        )
    return folder


def write_job(folder: Path, name: str, *, properties: str | None = None, schedule: str | None = None) -> None:
    """One job of a dump; `properties` are those beside its name, `schedule` its element."""
    if properties is None:
        properties = (
            "<Synonym><v8:item><v8:lang>ru</v8:lang><v8:content>Задание</v8:content></v8:item>"
            "<v8:item><v8:lang>en</v8:lang><v8:content>A job</v8:content></v8:item></Synonym>"
            f"<Comment/><MethodName>CommonModule.Work.{name}</MethodName><Description/><Key/><Use>true</Use>"
            "<Predefined>true</Predefined><RestartCountOnFailure>3</RestartCountOnFailure>"
            "<RestartIntervalOnFailure>10</RestartIntervalOnFailure>"
        )
    jobs = folder / "ScheduledJobs"
    jobs.mkdir(parents=True, exist_ok=True)
    (jobs / f"{name}.xml").write_text(
        '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<MetaDataObject xmlns="urn:x" xmlns:v8="urn:v8">\n'
        f'<ScheduledJob uuid="{name}-uuid">\n<Properties><Name>{name}</Name>{properties}</Properties>\n'
        "</ScheduledJob>\n</MetaDataObject>",
        encoding="utf-8",
    )
    if schedule is not None:
        path = jobs / name / "Ext" / "Schedule.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<JobSchedule xmlns="urn:x" xmlns:ent="urn:ent">\n'
            f"{schedule}\n</JobSchedule>",
            encoding="utf-8",
        )


def write_project(folder: Path) -> Path:
    """The same jobs as a project of 1C:EDT keeps them: zeros left out, lists as elements with names."""
    for name, (fields, week_days, detailed) in SCHEDULES.items():
        job = folder / "src" / "ScheduledJobs" / name
        job.mkdir(parents=True)
        (job / f"{name}.mdo").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<mdclass:ScheduledJob xmlns:mdclass="urn:m" uuid="u">\n'
            f"<name>{name}</name><synonym><key>ru</key><value>Задание</value></synonym>"
            f"<synonym><key>en</key><value>A job</value></synonym><methodName>CommonModule.Work.{name}</methodName>"
            "<use>true</use><predefined>true</predefined><restartCountOnFailure>3</restartCountOnFailure>"
            "<restartIntervalOnFailure>10</restartIntervalOnFailure>\n</mdclass:ScheduledJob>\n",
            encoding="utf-8",
        )
        days = "".join(f"<weekDays>{_WEEK_DAYS[int(day) - 1]}</weekDays>" for day in week_days.split())
        inner = "".join(f"<dailySchedules {_attributes(_camel(each))}/>" for each in detailed)
        (job / "Schedule.schedule").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<schedule:Schedule xmlns:schedule="urn:s" '
            f"{_attributes(_camel({**fields, 'WeeksPeriod': '1'}))}>{days}{inner}</schedule:Schedule>\n",
            encoding="utf-8",
        )
    return folder


def _attributes(fields: dict[str, str]) -> str:
    return " ".join(f'{key}="{value}"' for key, value in fields.items())


def _camel(fields: dict[str, str]) -> dict[str, str]:
    return {key[0].lower() + key[1:]: value for key, value in fields.items() if value != "0"}
