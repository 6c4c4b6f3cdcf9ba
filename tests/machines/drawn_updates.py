"""Configurations to draw: a few jobs under a few names, with every property that an update can change."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
BY_HAND = (*NAMES, "x", "y")
USERS = ("administrator", "ann", "bob")
"""Of whom bob does not exist from the beginning."""

SCHEDULES: tuple[Any, ...] = (
    None,
    {"days_repeat_period": 1, "repeat_period_in_day": "1h"},
    {"days_repeat_period": 1, "begin_time": "06:00"},
    {"days_repeat_period": 2, "begin_time": "02:30", "timezone": "Europe/Berlin"},
    {"begin_time": "13:00"},
    {"cron": "*/20 * * * *"},
    [{"cron": "@hourly"}, {"days_repeat_period": 1, "begin_time": "09:10"}],
)

_method: dict[str, st.SearchStrategy[Any]] = {
    "method": st.sampled_from(["m:f", "m:g"]),
    "executor": st.sampled_from([None, "thread", "crawl"]),
}
_command: dict[str, st.SearchStrategy[Any]] = {
    "command": st.sampled_from([["echo"], ["ls", "-l"]]),
    "executor": st.sampled_from([None, "shell"]),
}

OVERRIDABLE: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from(["", "one", "zwei €"]),
    "key": st.sampled_from([None, "k", "l"]),
    "use": st.booleans(),
    "schedule": st.sampled_from(SCHEDULES),
    "retry": st.sampled_from([None, {"count": 1}, {"count": 2, "interval": "5s", "backoff": 2.0}]),
    "user": st.sampled_from(USERS),
    "executor": st.sampled_from([None, "thread", "crawl", "shell", "process", "command"]),
    "timeout": st.sampled_from([None, "5m", "36h"]),
    "priority": st.sampled_from([0, 5]),
}

_rest = {
    **{name: OVERRIDABLE[name] for name in ("description", "key", "use", "schedule", "retry", "timeout", "priority")},
    "user": st.sampled_from((*USERS, *USERS[:1] * 5)),
    "predefined": st.sampled_from([True, True, False]),
    "parameters": st.sampled_from([None, {"x": [1, None, "€"]}, []]),
}


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """One job, as it stands in YAML; most properties are left out."""
    kind = draw(st.sampled_from([_method, _method, _command]))
    said = draw(st.sets(st.sampled_from(sorted(_rest)), max_size=4))
    drawn = {name: draw(each) for name, each in {**kind, **{name: _rest[name] for name in sorted(said)}}.items()}
    body = {name: value for name, value in drawn.items() if value is not None}
    if "command" in body:
        body.pop("parameters", None)
    return body


@st.composite
def headers(draw: st.DrawFn) -> dict[str, Any]:
    """What stands beside the jobs. Each executor that a job may name is there, or has gone with those who name it."""
    return {
        "timezone": draw(st.sampled_from(["UTC", "UTC", "Europe/Berlin"])),
        "description": draw(st.sampled_from(["", "a shop"])),
        "executors": {
            name: {"kind": kind}
            for name, kind in (
                ("crawl", draw(st.sampled_from([None, "thread", "thread", "process"]))),
                ("shell", draw(st.sampled_from([None, "command", "command"]))),
            )
            if kind
        },
    }


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    """What somebody overrides."""
    chosen = draw(st.sets(st.sampled_from(sorted(OVERRIDABLE)), min_size=1, max_size=3))
    return {name: draw(OVERRIDABLE[name]) for name in sorted(chosen)}
