"""Background jobs from the command line: starting, waiting, cancelling, and what they say."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.support.shop import METHODS, Shop

WAIT_FOR = "shop_jobs:wait_for"


def test_parameters_are_checked_when_a_job_is_started(applied: Shop) -> None:
    done = applied.rota("jobs", "start", "shop_jobs:report", "-p", "who=Anna", "-p", "day=2026-01-02", "-p", "pages=2")
    assert "no engine is running on this database" in done.stderr
    typed = done.stdout.strip()

    for method, parameters, code, words in [
        ("shop_jobs:report", ("who=Anna", "pages=many"), 2, "pages: expected int, got str"),
        ("shop_jobs:report", ("who=1",), 2, "who: expected str, got int"),
        ("shop_jobs:report", ("hwo=Anna",), 2, "did you mean 'who'?"),
        ("shop_jobs:raport", (), 3, "did you mean report?"),
        ("os:getcwd", (), 4, "modules that may be called: shop_jobs"),
    ]:
        arguments = [part for each in parameters for part in ("-p", each)]
        assert words in applied.rota("jobs", "start", method, *arguments, code=code).stderr

    applied.rota("run", "--until-idle", "--no-scheduler")
    [job] = applied.job_list()
    assert (job["id"], job["result"]) == (typed, "Anna datetime.date(2026, 1, 2) 3")


def test_waiting_says_by_its_exit_code_how_it_ended(applied: Shop, tmp_path: Path) -> None:
    lonely = applied.rota("jobs", "start", "shop_jobs:fails", "--wait", code=4).stderr
    assert "no engine is running on this database: start one with `rota run`" in lonely
    assert f"started {applied.json('jobs', 'list')[0]['id']}\n" in lonely
    assert "--timeout" in applied.rota("jobs", "start", "shop_jobs:fails", "--timeout", "soon", code=2).stderr
    assert len(applied.job_list()) == 1, "wrong usage starts nothing"
    with applied.engine("--no-scheduler") as engine:
        engine.wait_for("failed: ValueError: no bank today")
        done = applied.rota("jobs", "start", "shop_jobs:load", "-p", "currencies=[USD]", "--wait").stdout
        assert done.split()[1:] == ["completed"]
        one = applied.json("jobs", "start", "shop_jobs:load", "-p", "currencies=[USD]", "--wait")
        assert (one["state"], applied.json("jobs", "wait", one["id"])[0]["id"]) == ("completed", one["id"])
        failed = applied.rota("jobs", "start", "shop_jobs:fails", "--wait", code=1).stdout
        assert "failed  ValueError: no bank today" in failed
        started = ("jobs", "start", WAIT_FOR, "-p", f"file={tmp_path / 'never'}", "--key", "k")
        late = applied.rota(*started, "--wait", "--timeout", "0s", code=124)
        assert late.stdout.split()[1] in {"queued", "running"}
        engine.wait_for("wait_for              started")

        holder = applied.json("jobs", "list", "--key", "k")[0]["id"]
        assert f"key 'k' is in use by background job {holder}" in applied.rota(*started, code=4).stderr
        assert applied.rota(*started, "--on-conflict", "skip").stdout.strip() == holder

        with applied.running("jobs", "wait", holder) as waiting:
            assert applied.rota("jobs", "cancel", holder).stdout == f"{holder}  running (asked to stop)\n"
            assert waiting.end() == 1
        assert applied.rota("jobs", "cancel", holder).stdout == f"{holder}  cancelled\n"
        (tmp_path / "never").touch()


def test_a_queued_job_is_cancelled_at_once_and_twice_is_no_error(applied: Shop, tmp_path: Path) -> None:
    job = applied.rota("jobs", "start", WAIT_FOR, "-p", f"file={tmp_path / 'never'}").stdout.strip()
    for _ in range(2):
        assert applied.rota("jobs", "cancel", job[:8]).stdout == f"{job}  cancelled\n"
    assert applied.job(job)["state"] == "cancelled"
    assert "no background job 'nonsense'" in applied.rota("jobs", "cancel", "nonsense", code=3).stderr


def test_an_interrupted_wait_leaves_the_job_alone(applied: Shop, tmp_path: Path) -> None:
    file = tmp_path / "go"
    with applied.engine("--no-scheduler") as engine:
        engine.wait_for("running as")
        with applied.running("jobs", "start", WAIT_FOR, "-p", f"file={file}", "--wait") as waiting:
            waiting.wait_for("started")
            engine.wait_for("started")
            waiting.signal(signal.SIGINT)
            assert waiting.end() == 130
            assert "Traceback" not in "".join(waiting.lines)
        file.touch()
        engine.wait_for("completed")


def test_what_jobs_print_stays_with_them(applied: Shop) -> None:
    applied.code("print('module is here')\n" + METHODS)
    started = applied.rota("jobs", "start", "shop_jobs:load", "-p", "currencies=[USD]")
    assert len(started.stdout.splitlines()) == 1, "what a module prints is not the command's output"
    applied.start_scheduled("backup")
    with applied.engine("--until-idle", "--no-scheduler") as engine:
        assert engine.end() == 0
        lines = "".join(engine.lines)
    assert "load                  first\n" in lines

    shown = applied.rota("jobs", "show", "load").stdout
    assert "stdout    module is here" in shown
    assert "progress  50% half way" in shown
    assert "stdout    first\n" in shown
    records = applied.json("jobs", "show", "backup")["records"]
    assert {each["stream"]: each["data"] for each in records} == {
        "stdout": "saved\n",
        "stderr": "careful\n",
        "output": {"exit_code": 0},
    }


def test_a_failure_is_shown_with_its_attempts_and_its_traceback_last(applied: Shop) -> None:
    applied.jobs("  fails:\n    method: shop_jobs:fails\n    retry: {count: 1, interval: 0s}\n")
    applied.apply()
    applied.start_scheduled("fails")
    lines = applied.rota("run", "--until-idle", "--no-scheduler").stderr
    assert "ValueError: no bank today; restart 1 of 1 at " in lines
    assert "failed, attempt 2: ValueError: no bank today" in lines
    shown = applied.rota("jobs", "show", "fails").stdout
    assert "attempt 1  raised" in shown
    assert "attempt 2  raised" in shown
    assert shown.count("Traceback") == 1
    assert shown.endswith("ValueError: no bank today\n")


def test_a_map_without_items_is_wrong_usage(applied: Shop) -> None:
    assert "give items, or a file" in applied.rota("jobs", "map", "shop_jobs:report", code=2).stderr
    assert applied.job_list() == []
