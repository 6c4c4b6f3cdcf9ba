"""From a configuration to running jobs and on to the next configuration."""

from __future__ import annotations

from pathlib import Path

from tests.support.shop import JOBS, Shop


def words(text: str) -> set[str]:
    return set(text.split())


PLAN_FIELDS = {"configuration", "from_revision", "changes", "warnings", "refusals", "summary"}
CHANGE_FIELDS = words("action kind name properties hidden_by_override renamed_from schedule_text next_starts")
JOB_FIELDS = words(
    "id method command environment working_directory ok_exit_codes "
    "name key user state reason attempt created_at due_at begin_at end_at location executor priority "
    "parameters parent children scheduled_job definition nominal_start progress unread open result error "
    "cancel_requested_at"
)
SCHEDULED_FIELDS = words(
    "id name definition configuration predefined description method command environment working_directory "
    "ok_exit_codes key use user parameters schedule "
    "schedule_text retry executor timeout priority overrides active_since next_start last_job running held missed "
    "unresolved"
)


def test_from_a_new_configuration_to_finished_jobs(tmp_path: Path, database_url: str) -> None:
    shop = Shop(tmp_path, database_url)
    if not database_url.startswith("sqlite"):
        refused = shop.rota("apply", "shop", code=1)
        assert "run `rota database upgrade` first" in refused.stderr
        shop.rota("database", "upgrade")

    assert "valid (3 jobs in 1 file; checked: schema, semantics, code)" in shop.rota("validate", "shop").stderr
    planned = shop.rota("plan", "shop", "--detailed-exitcode", code=2).stdout
    assert "+ definition rates" in planned
    assert "schedule: Every day at 03:00 (Europe/Berlin)" in planned
    assert "3 to create; 0 unchanged" in planned

    assert "applied as revision 1" in shop.rota("apply", "shop").stdout
    assert "no changes to 3 definitions" in shop.rota("plan", "shop", "--detailed-exitcode").stdout
    assert "nothing to do, revision 1 stands" in shop.rota("apply", "shop").stdout

    shop.rota("scheduled", "start", "rates")
    shop.rota("scheduled", "start", "backup")
    lines = shop.rota("run", "--until-idle", "--no-scheduler").stderr
    assert "rates                 50% half way" in lines
    assert '{"loaded": "USD"}' in lines
    assert "backup                completed in" in lines

    status = shop.rota("status").stdout
    assert "shop, revision 1" in status
    assert "2 completed" in status
    assert "none: jobs wait until `rota run` is started" in status

    jobs = shop.json("jobs", "list")
    assert {job["name"]: job["state"] for job in jobs} == {"rates": "completed", "backup": "completed"}
    assert all(job.keys() == JOB_FIELDS for job in jobs)
    shown = shop.json("jobs", "show", "rates")
    assert shown.keys() == JOB_FIELDS | {"attempts", "records"}
    assert shown["result"] == {"count": 2}
    assert shown["progress"] == {"fraction": 0.5, "text": "half way"}
    assert shown["begin_at"].endswith("Z")
    scheduled = shop.json("scheduled", "show", "rates")
    assert scheduled.keys() == SCHEDULED_FIELDS
    assert scheduled["last_job"].keys() == {"id", "state", "begin_at", "end_at"}
    assert scheduled["last_job"]["id"] == shown["id"]


def test_a_plan_as_json(shop: Shop) -> None:
    [plan] = shop.json("plan", "shop")
    assert plan.keys() == PLAN_FIELDS
    assert plan["summary"] == {"create": 3, "update": 0, "rename": 0, "delete": 0, "unchanged": 0}
    assert all(change.keys() == CHANGE_FIELDS for change in plan["changes"])
    rates = next(change for change in plan["changes"] if (change["kind"], change["name"]) == ("definition", "rates"))
    assert rates["properties"]["key"] == {"from": None, "to": "rates"}
    assert rates["schedule_text"] == {"from": None, "to": "Every day at 03:00 (Europe/Berlin)"}
    assert len(rates["next_starts"]) == 3
    assert all(start.endswith(":00:00Z") for start in rates["next_starts"])
    [applied] = shop.json("apply", "shop")
    assert applied.keys() == PLAN_FIELDS | {"revision"}
    assert applied["revision"] == 1


def test_a_bad_configuration_is_refused_by_every_command(shop: Shop) -> None:
    shop.jobs('  rates:\n    method: shop_jobs:laod\n    schedule: {begin_time: "25:00"}\n    usee: true\n')
    for command in ("plan", "run"):
        errors = shop.rota(command, "shop", code=1).stderr
        assert "shop/jobs.yaml:7:5: jobs.rates.usee: unknown key\n" in errors, command
        assert "hint: did you mean use?" in errors
        assert "shop/jobs.yaml:6:28: jobs.rates.schedule.begin_time: " in errors
        assert "module shop_jobs has no function laod; did you mean load?" in errors
    problems = shop.json("validate", "shop", code=1)
    assert all(
        problem.keys() == {"file", "line", "column", "path", "message", "expected", "hint", "severity", "code"}
        for problem in problems
    )
    assert not Path(shop.folder, "rota.db").exists()


def test_a_flag_decides_whether_a_job_exists(applied: Shop) -> None:
    assert applied.names() == ["backup", "rates"]
    off = JOBS.replace("key: rates", "predefined: false")
    applied.jobs(off)
    assert "- scheduled job rates" in applied.rota("apply", "shop").stdout
    assert applied.names() == ["backup"]
    applied.jobs(JOBS)
    assert "+ scheduled job rates" in applied.rota("apply", "shop").stdout
    assert applied.names() == ["backup", "rates"]


def test_a_rename_keeps_identity_history_and_overrides(applied: Shop) -> None:
    applied.start_scheduled("rates")
    applied.rota("run", "--until-idle", "--no-scheduler")
    applied.rota("scheduled", "set", "rates", "timeout=5m", "--reason", "slow bank")
    before = applied.scheduled("rates")

    applied.jobs(JOBS.replace("  rates:\n", "  exchange-rates:\n    renamed_from: rates\n"))
    assert "> definition exchange-rates (was rates)" in applied.rota("apply", "shop").stdout

    after = applied.scheduled("exchange-rates")
    assert after["id"] == before["id"]
    assert after["last_job"] == before["last_job"]
    assert after["overrides"] == before["overrides"]
    assert after["overrides"]["timeout"]["reason"] == "slow bank"
    applied.rota("scheduled", "show", "rates", code=3)


def test_an_override_with_an_end_says_that_it_ends_one_without(applied: Shop) -> None:
    applied.rota("scheduled", "set", "rates", "timeout=5m")
    said = applied.rota("scheduled", "set", "rates", "timeout=1m", "priority=3", "--until", "2099-01-01T00:00").stderr
    assert said == (
        "the override of timeout by administrator (5m) is replaced: "
        "at 2099-01-01 00:00:00 the configured value is in force\n"
    )
    assert applied.rota("scheduled", "set", "rates", "timeout=2m", "--until", "2h").stderr == ""
    assert applied.rota("scheduled", "disable", "rates").stderr == ""
    said = applied.rota("scheduled", "enable", "rates", "--until", "2h").stderr
    assert said.startswith("the override of use by administrator (false) is replaced: at ")


def test_what_an_operator_switched_off_stays_off_through_updates(applied: Shop) -> None:
    assert applied.rota("scheduled", "disable", "rates", "--reason", "maintenance").stdout == "rates is off\n"
    applied.rota("scheduled", "set", "rates", 'schedule={days_repeat_period: 1, begin_time: "05:00"}')
    applied.jobs(JOBS.replace('begin_time: "03:00"', 'begin_time: "04:00"'))

    planned = applied.rota("plan", "shop").stdout
    assert "schedule: Every day at 03:00 (Europe/Berlin) -> Every day at 04:00 (Europe/Berlin)" in planned
    assert "(hidden by an override)" in planned
    assert "`rota scheduled reset rates schedule` lifts it" in planned
    applied.apply()

    shown = applied.rota("scheduled", "show", "rates").stdout
    assert "false instead of true, by administrator" in shown
    assert "maintenance" in shown
    assert "Every day at 05:00 (Europe/Berlin) instead of Every day at 04:00 (Europe/Berlin)" in shown
    assert "rates (use, schedule)" in applied.rota("status").stdout

    applied.rota("scheduled", "reset", "rates", "use")
    after = applied.scheduled("rates")
    assert after["use"] is True
    assert list(after["overrides"]) == ["schedule"]
    applied.rota("scheduled", "reset", "rates")
    assert "Every day at 04:00" in applied.scheduled("rates")["schedule_text"]


def test_scheduled_jobs_made_by_hand(applied: Shop) -> None:
    made = applied.json(
        "scheduled", "create", "report", "anna", "parameters={who: Anna}", 'schedule={cron: "0 9 * * mon"}'
    )
    assert (made["predefined"], made["definition"], made["parameters"]) == (False, "report", {"who": "Anna"})
    assert "already" in applied.rota("scheduled", "create", "report", "anna", code=4).stderr
    refused = applied.rota("scheduled", "create", "report", "bert", 'schedule="0 9 * * mon"', code=2).stderr
    assert 'write {cron: "0 9 * * mon"}' in refused
    started = applied.rota("scheduled", "start", "anna").stdout.strip()
    applied.rota("run", "--until-idle", "--no-scheduler")
    assert applied.job(started)["result"] == "Anna None 2"

    applied.jobs(JOBS[: JOBS.index("  report:")] + JOBS[JOBS.index("  backup:") :])
    refused = applied.rota("apply", "shop", code=4).stderr
    assert "definition report is gone but scheduled jobs made by hand use it: anna" in refused
    assert "--delete-scheduled-jobs" in refused
    assert "anna" in applied.names()
    applied.rota("apply", "shop", "--delete-scheduled-jobs")
    assert applied.names() == ["backup", "rates"]


def test_only_jobs_made_by_hand_are_deleted_by_hand(applied: Shop) -> None:
    refused = applied.rota("scheduled", "delete", "rates", code=4).stderr
    assert "predefined" in refused
    assert "change its configuration" in refused
    applied.rota("scheduled", "create", "report", "anna", "parameters={who: Anna}")
    assert applied.names() == ["anna", "backup", "rates"]
    applied.rota("scheduled", "delete", "anna")
    assert applied.names() == ["backup", "rates"]


def test_an_empty_configuration_deletes_nothing_unless_that_is_meant(applied: Shop) -> None:
    applied.jobs("")
    assert "would delete all 3 of revision 1; --allow-empty if that is meant" in (
        applied.rota("apply", "shop", code=4).stderr
    )
    assert applied.names() == ["backup", "rates"]
    applied.rota("apply", "shop", "--allow-empty")
    assert applied.names() == []


def test_two_configurations_live_in_one_database(applied: Shop) -> None:
    applied.jobs("  rates:\n    command: [echo, hello]\n", folder="depot")
    applied.apply("depot")
    assert "depot/rates, shop/rates" in applied.rota("scheduled", "show", "rates", code=2).stderr
    assert sorted(applied.names()) == ["backup", "rates", "rates"]
    assert applied.scheduled("depot/rates")["command"] == ["echo", "hello"]
    applied.jobs("", folder="depot")
    applied.apply("depot", empty=True)
    assert applied.names() == ["backup", "rates"]
