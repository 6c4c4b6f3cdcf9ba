"""Defaults: whose value holds."""

from __future__ import annotations

from rota.configuration.resolve import default_executor, executor_kinds, resolve_job
from rota.model.users import ADMINISTRATOR

KINDS = executor_kinds({"crawl": {"kind": "thread"}, "shell": {"kind": "command"}})


def test_executors_that_can_be_named() -> None:
    assert KINDS == {
        "process": "process",
        "thread": "thread",
        "async": "async",
        "command": "command",
        "crawl": "thread",
        "shell": "command",
    }
    assert (
        executor_kinds({"half": {}, "odd": 3, "moon": {"kind": "rocket"}}).items()
        >= {"half": "", "odd": "", "moon": ""}.items()
    )


def test_the_job_comes_before_the_configuration_and_that_before_rota() -> None:
    defaults = {"user": "anna", "priority": 3, "timeout": "1h"}
    job = resolve_job({"method": "m:f", "priority": 0, "timeout": None}, defaults, KINDS)
    assert (job["priority"], job["user"], job["timeout"]) == (0, "anna", "1h")
    assert resolve_job({"method": "m:f"}, {}, KINDS)["user"] == ADMINISTRATOR


def test_a_retry_is_taken_whole() -> None:
    defaults = {"retry": {"count": 3, "interval": "10s"}}
    assert resolve_job({"method": "m:f", "retry": {"count": 1}}, defaults, KINDS)["retry"] == {"count": 1}


def test_the_default_executor_must_fit_the_job() -> None:
    method, command = {"method": "m:f"}, {"command": ["echo"]}
    assert default_executor(method, {}, KINDS) == "process"
    assert default_executor(command, {}, KINDS) == "command"
    assert default_executor(method, {"executor": "crawl"}, KINDS) == "crawl"
    assert default_executor(command, {"executor": "crawl"}, KINDS) == "command"
    assert default_executor(method, {"executor": "shell"}, KINDS) == "process"
    assert default_executor(command, {"executor": "shell"}, KINDS) == "shell"
