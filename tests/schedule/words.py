"""Reads the sentence that a schedule says of itself back into the schedule's canonical data.

Written from the sentences, without a look at the code that makes them: what it cannot read, or reads as something else,
is a sentence that a person may misread too.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

WEEK_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
UNITS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}

DATE = r"\d{1,2} [A-Z][a-z]{2} \d{4}"
TIME = r"\d\d:\d\d(?::\d\d)?"
LENGTH = r"(?:(?:\d+ )?(?:day|hour|minute|second)s?\b ?)+?"
SPAN = rf"(?: from (?P<begin>{TIME}) to (?:(?P<end>{TIME})(?: the next day)?|midnight))?"
WINDOW = re.compile(
    rf"(?:every (?P<period>{LENGTH}){SPAN}"
    rf"|again and again{SPAN.replace('<', '<again_')}, each time (?P<pause>{LENGTH}) after the last run ended"
    rf"|(?:at )?(?P<at>{TIME}))"
    r"(?: \((?P<limits>[^)]*)\))?(?:, | and |$)"
)
MEMBER = re.compile(
    rf"(?P<days>[A-Z].*?),? (?P<times>(?:at \d|every (?:\d+ )?(?:day|hour|minute|second)s?\b|again and again).*?)"
    rf"(?:, (?:counted )?from (?P<from>{DATE}))?(?:, until (?P<until>{DATE}))?"
    r" \((?P<zone>[A-Z][\w/+-]*)\)(?P<closing>(?:; .*)?)"
)
NTH = r"(?:\d+\w\w last|\d+\w\w|last)"


def row(name: str) -> str:
    """Several of a kind: `a, b or c`, or `a to c`."""
    return rf"{name}(?:(?:, | or | and | to ){name})*"


WEEK_DAY, MONTH = f"(?:{'|'.join(WEEK_DAYS)})", f"(?:{'|'.join(MONTHS)})"
CONDITION = re.compile(
    r"(?:if that falls )?"
    rf"(?:on the (?P<day>{NTH}) day of the month"
    rf"|on the (?P<nth>{row(f'{NTH} {WEEK_DAY}')}) of the month"
    r"|on (?P<seven>the last 7 days|days \d+ to \d+|the \d+\w\w last to the \d+\w\w last day) of the month"
    rf"|on a (?:day from )?(?P<week_days>{row(WEEK_DAY)})"
    r"|in every (?P<weeks>\d+)\w\w week"
    rf"|(?:in|from) (?P<months>{row(MONTH)}))"
    r"(?: |,?$)"
)


def read(sentence: str) -> list[dict[str, Any]]:
    """The canonical data of every member. Raises `ValueError` for a sentence that cannot be read."""
    return [read_member(part) for part in sentence.split("; and: ")]


def read_member(text: str) -> dict[str, Any]:
    match = MEMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"cannot be read: {text}")
    data: dict[str, Any] = {"timezone": match["zone"], **read_days(match["days"])}
    if match["from"]:
        data["begin_date"] = read_date(match["from"])
    if match["until"]:
        data["end_date"] = read_date(match["until"])
    limits: dict[str, Any] = {}
    for part in match["closing"].split("; ")[1:]:
        if late := re.fullmatch(rf"a start is at most ({LENGTH}) late", part):
            data["start_within"] = read_length(late[1])
        elif part != "never: no day matches":
            limits |= read_limit(part)
    windows = [window | limits for window in read_windows(match["times"])]
    return data | (windows[0] if len(windows) == 1 else {"detailed_daily_schedules": windows})


def read_days(text: str) -> dict[str, Any]:
    if match := re.fullmatch(r"Every (\d+)\w\w day(?:, but only (.*))?", text):
        return {"days_repeat_period": int(match[1]), **read_conditions(match[2])}
    if match := re.fullmatch(rf"On ({DATE}) only(?:, if that falls (.*))?", text):
        return {"begin_date": read_date(match[1]), **read_conditions(match[2])}
    if match := re.fullmatch(r"On one day only(?:, the first that falls (.*))?", text):
        return read_conditions(match[1])
    every = {"days_repeat_period": 1}
    if match := re.fullmatch(rf"Every (?:(?:day from )?({row(WEEK_DAY)})|day)(?: ((?:in|from) .*))?", text):
        return every | ({"week_days": numbers(match[1], WEEK_DAYS)} if match[1] else {}) | read_conditions(match[2])
    return every | read_conditions(text[0].lower() + text[1:])


def read_conditions(text: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {}
    at = 0
    while text and at < len(text):
        match = CONDITION.match(text, at)
        if match is None:
            raise ValueError(f"cannot be read: {text[at:]}")
        at = match.end()
        if match["day"]:
            data["day_in_month"] = read_nth(match["day"])
        if match["nth"]:
            data["week_day_in_month"] = read_nth(re.sub(f" {WEEK_DAY}.*", "", match["nth"]))
            data["week_days"] = numbers(match["nth"], WEEK_DAYS)
        if match["seven"]:
            data["week_day_in_month"] = read_seven(match["seven"])
        if match["week_days"]:
            data["week_days"] = numbers(match["week_days"], WEEK_DAYS)
        if match["weeks"]:
            data["weeks_period"] = int(match["weeks"])
        if match["months"]:
            data["months"] = numbers(match["months"], MONTHS)
    return data


def read_seven(text: str) -> int:
    """Which seven days of a month: `days 8 to 14` are the second of their weekday."""
    if text == "the last 7 days":
        return -1
    first, last = re.findall(r"\d+", text)
    return -(int(last) // 7) - 1 if "last" in text else int(first) // 7 + 1


def read_windows(text: str) -> list[dict[str, Any]]:
    windows, at = [], 0
    while at < len(text):
        match = WINDOW.match(text, at)
        if match is None:
            raise ValueError(f"cannot be read: {text[at:]}")
        at = match.end()
        begin, end = match["at"] or match["begin"] or match["again_begin"], match["end"] or match["again_end"]
        window: dict[str, Any] = {"begin_time": begin} if begin and begin != "00:00" else {}
        if end:
            window["end_time"] = end
        if match["period"]:
            window["repeat_period_in_day"] = read_length(match["period"])
        if match["pause"]:
            window["repeat_pause"] = read_length(match["pause"])
        for part in (match["limits"] or "").split("; "):
            window |= read_limit(part) if part else {}
        windows.append(window)
    return windows


def read_limit(text: str) -> dict[str, Any]:
    if match := re.fullmatch(rf"each start at least ({LENGTH}) after the last run ended", text):
        return {"repeat_pause": read_length(match[1])}
    if match := re.fullmatch(rf"a late start may be until ({TIME})(?: the next day)?", text):
        return {"end_time": match[1]}
    pattern = rf"each run is stopped (?:at ({TIME})(?: the next day)?)?(?: or )?(?:after ({LENGTH}))?"
    if match := re.fullmatch(pattern, text):
        data: dict[str, Any] = {"completion_time": match[1]} if match[1] else {}
        return data | ({"completion_interval": read_length(match[2])} if match[2] else {})
    raise ValueError(f"cannot be read: {text}")


def read_length(text: str) -> int:
    return sum(int(number or 1) * UNITS[unit] for number, unit in re.findall(r"(?:(\d+) )?([a-z]+?)s?\b", text))


def read_nth(text: str) -> int:
    number = int(re.sub(r"\D", "", text) or 1)
    return -number if text.endswith("last") else number


def read_date(text: str) -> str:
    day, month, year = text.split()
    number = next(n for n, name in enumerate(MONTHS, start=1) if name.startswith(month))
    return date(int(year), number, int(day)).isoformat()


def numbers(text: str, names: list[str]) -> list[int]:
    found = [names.index(name) + 1 for name in re.findall("|".join(names), text)]
    return list(range(found[0], found[1] + 1)) if " to " in text else found
