"""The names that definitions have got since an earlier revision: going back to it is to rename them back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rota.model.definition import Configuration

Document = Mapping[str, Any]


def names_since(then: Document, later: Iterable[Document]) -> dict[str, str]:
    """What each definition of `then` is called after the `later` documents, oldest first; what is gone is left out."""
    now = {name: name for name in then["jobs"]}
    before = set(now)
    for document in later:
        jobs = document["jobs"]
        renamed = {
            body["renamed_from"]: name
            for name, body in jobs.items()
            if body.get("renamed_from") in before and name not in before and body["renamed_from"] not in jobs
        }
        now = {name: renamed.get(called, called) for name, called in now.items() if called in jobs or called in renamed}
        before = set(jobs)
    return now


def renamed_back(configuration: Configuration, now: Mapping[str, str]) -> Configuration:
    """The configuration with every definition renamed from what it is called `now`."""
    return replace(configuration, renames={name: called for name, called in now.items() if called != name})
