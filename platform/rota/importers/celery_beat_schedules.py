"""The schedules of Celery beat in Rota's language, in every form in which a dump may hold them. Used by celery_beat.

A dump of our own holds `{"crontab": "30 2 * * *"}` and `{"every": 30}`; those made by hand numbers, the arguments of
`crontab` or `timedelta`, or what Celery's objects say of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from rota.importers.periods import period

Tell = Callable[[str], object]

FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
PERIODS = {
    "microseconds": 1e-6,
    "milliseconds": 1e-3,
    "seconds": 1,
    "minutes": 60,
    "hours": 3_600,
    "days": 86_400,
    "weeks": 604_800,
}

_CRONTAB = re.compile(r"<crontab: (?P<fields>.+) \(m/h/(?P<order>dM/MY/d|d/dM/MY)\)>")
_FREQUENCY = re.compile(r"<freq: (?P<count>[0-9.]+) (?P<unit>second|minute|hour|day)s?>")
_SPAN = re.compile(r"(?:(?P<days>\d+) days?, )?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?)")


def read_schedule(value: Any, tell: Tell) -> dict[str, Any] | None:
    """The schedule; None, and said why, if it has none here."""
    if isinstance(value, Mapping):
        return _mapping(value, tell)
    if isinstance(value, str):
        return _text(value.strip(), tell)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return period(value, tell)
    tell("names no schedule" if value is None else f"schedule {value!r} has no counterpart; it has no schedule here")
    return None


def crontab(fields: Mapping[str, Any], tell: Tell) -> dict[str, Any] | None:
    """The five fields; one that is left out means every."""
    texts = ["".join(str(fields.get(name, "*")).split()) for name in FIELDS]
    expression = " ".join(_short(text) for text in texts)
    if texts[2] != "*" and texts[4] != "*":
        tell(f"crontab {expression}: Celery wants both days to match, cron either; it has no schedule here")
        return None
    return {"cron": expression}


def every(count: Any, unit: str, tell: Tell) -> dict[str, Any] | None:
    """So many units of time apart."""
    if unit not in PERIODS or isinstance(count, bool) or not isinstance(count, int | float):
        tell(f"every {count!r} {unit} has no counterpart; it has no schedule here")
        return None
    return period(count * PERIODS[unit], tell)


def _mapping(value: Mapping[str, Any], tell: Tell) -> dict[str, Any] | None:
    inner = value.get("crontab")
    if isinstance(inner, str):
        return _expression(inner, tell)
    if isinstance(inner, Mapping):
        return crontab(inner, tell)
    if "every" in value:
        return every(value["every"], str(value.get("period", "seconds")), tell)
    if value and value.keys() <= set(FIELDS):
        return crontab(value, tell)
    if value and value.keys() <= PERIODS.keys() and all(isinstance(count, int | float) for count in value.values()):
        return period(timedelta(**value).total_seconds(), tell)
    tell(f"{value.get('other') or 'its schedule'} has no counterpart; it has no schedule here")
    return None


def _text(text: str, tell: Tell) -> dict[str, Any] | None:
    """What `str` makes of Celery's schedules and of a `timedelta`, or a cron expression."""
    if match := _CRONTAB.fullmatch(text):
        minute, hour, *days = match["fields"].split()
        if match["order"] == "d/dM/MY" and len(days) == 3:
            days = [days[1], days[2], days[0]]
        return _expression(" ".join([minute, hour, *days]), tell)
    if match := _FREQUENCY.fullmatch(text):
        return every(float(match["count"]), f"{match['unit']}s", tell)
    if match := _SPAN.fullmatch(text):
        parts = {unit: float(count or 0) for unit, count in match.groupdict().items()}
        return period(timedelta(**parts).total_seconds(), tell)
    if len(text.split()) == len(FIELDS):
        return _expression(text, tell)
    tell(f"{text or 'its schedule'} has no counterpart; it has no schedule here")
    return None


def _expression(text: str, tell: Tell) -> dict[str, Any] | None:
    fields = text.split()
    return crontab(dict(zip(FIELDS, fields, strict=True)), tell) if len(fields) == len(FIELDS) else {"cron": text}


def _short(field: str) -> str:
    """Names as cron has them: Celery takes `thursday` for `thu`."""
    return re.sub(r"[A-Za-z]{4,}", lambda match: match[0][:3], field)
