"""The rules by which people edit the files of a configuration."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from rota.model.definition import Configuration
from rota.testing import make_configuration
from tests.machines.drawn_updates import NAMES, bodies, headers
from tests.machines.updates_ground import HOMES, Ground


class Editing(Ground):
    @rule(home=HOMES, name=st.sampled_from(NAMES), body=bodies())
    def write_a_job(self, home: str, name: str, body: dict[str, Any]) -> None:
        self.files[home]["jobs"][name] = dict(body)

    @rule(home=HOMES, name=st.sampled_from(NAMES), body=bodies())
    def change_a_job(self, home: str, name: str, body: dict[str, Any]) -> None:
        """What it calls stays."""
        jobs = self.files[home]["jobs"]
        if name in jobs:
            said = {each: value for each, value in body.items() if each not in {"method", "command", "executor"}}
            jobs[name] = {**jobs[name], **said}
            if "command" in jobs[name]:
                jobs[name].pop("parameters", None)

    @rule(home=HOMES, name=st.sampled_from(NAMES))
    def delete_a_job(self, home: str, name: str) -> None:
        self.files[home]["jobs"].pop(name, None)

    @rule(home=HOMES, name=st.sampled_from(NAMES), new=st.sampled_from(NAMES))
    def rename_a_job(self, home: str, name: str, new: str) -> None:
        jobs = self.files[home]["jobs"]
        if name in jobs and new not in jobs:
            jobs[new] = {**jobs.pop(name), "renamed_from": name}

    @rule(home=HOMES, first=st.sampled_from(NAMES), second=st.sampled_from(NAMES))
    def swap_two_jobs(self, home: str, first: str, second: str) -> None:
        jobs = self.files[home]["jobs"]
        if first in jobs and second in jobs:
            jobs[first], jobs[second] = jobs[second], jobs[first]

    @rule(home=HOMES, header=headers())
    def write_the_header(self, home: str, header: dict[str, Any]) -> None:
        self.files[home]["header"] = header

    def read(self, home: str) -> Configuration:
        """The files, repaired where they would be no valid configuration."""
        jobs, header = self.files[home]["jobs"], self.files[home]["header"]
        claimed: set[str] = set()
        for body in jobs.values():
            if body.get("executor") in {"crawl", "shell"} - set(header.get("executors", {})):
                del body["executor"]
            former = body.get("renamed_from")
            if former is not None and (former in jobs or former in claimed):
                del body["renamed_from"]
            claimed.add(former)
        return make_configuration(jobs, name=home, modules=["m"], path=[], **header)
