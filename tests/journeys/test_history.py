"""What was applied, from where, what differs, and the way back: through the real command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.shop import JOBS, METHODS, Shop

LATER = JOBS.replace('begin_time: "03:00"', 'begin_time: "04:00"')
WITHOUT_BACKUP = JOBS[: JOBS.index("  backup:")]
RENAMED = JOBS.replace("  rates:\n", "  exchange-rates:\n    renamed_from: rates\n")


def git(shop: Shop, *arguments: str) -> str:
    command = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *arguments]
    return subprocess.run(command, cwd=shop.folder, check=True, capture_output=True, text=True).stdout.strip()


def test_history_says_who_applied_what_from_which_commit(shop: Shop) -> None:
    shop.rota("apply", "shop")
    git(shop, "init", "--quiet")
    git(shop, "add", "shop")
    git(shop, "commit", "--quiet", "--message", "one")
    commit = git(shop, "rev-parse", "HEAD")
    shop.jobs(LATER)
    shop.rota("apply", "shop", "--user", "administrator")
    git(shop, "commit", "--quiet", "--all", "--message", "two")
    second = git(shop, "rev-parse", "HEAD")
    shop.jobs(WITHOUT_BACKUP)
    git(shop, "commit", "--quiet", "--all", "--message", "three")
    shop.rota("apply", "shop")

    rows = shop.json("history")
    assert [row["revision"] for row in rows] == [3, 2, 1]
    assert [row["clean"] for row in rows] == [True, False, None]
    assert [row["commit"] for row in rows] == [git(shop, "rev-parse", "HEAD"), commit, None]
    assert second not in {row["commit"] for row in rows}
    assert {row["applied_by"] for row in rows} == {"administrator"}
    assert (rows[0]["source"], rows[0]["restores"]) == ("shop", None)
    assert rows[0]["summary"] == {"create": 0, "update": 1, "rename": 0, "delete": 1, "unchanged": 1}
    table = shop.rota("history", "--newest", "2").stdout.splitlines()
    assert len(table) == 3
    assert f"{commit[:10]}+changes" in table[2]
    assert "1 update, 1 delete" in table[1]


def test_what_differs_between_revisions_and_files(applied: Shop) -> None:
    applied.jobs(LATER)
    applied.rota("apply", "shop")
    applied.jobs(WITHOUT_BACKUP)
    shown = applied.rota("diff", "1").stdout
    assert "Every day at 03:00 (Europe/Berlin) -> Every day at 04:00 (Europe/Berlin)" in shown
    assert "1 to update; 2 unchanged" in shown
    assert "Every day at 04:00 (Europe/Berlin) -> Every day at 03:00" in applied.rota("diff", "2", "1").stdout
    assert "no changes to 3 definitions" in applied.rota("diff", "2", "2").stdout
    (plan,) = applied.json("diff", "2", "shop")
    assert (plan["from_revision"], plan["summary"]["delete"], plan["summary"]["update"]) == (2, 1, 1)
    assert "configuration shop has no revision 7" in applied.rota("diff", "7", code=3).stderr
    assert "did you mean 'shop'" in applied.rota("history", "--configuration", "shpo", code=3).stderr


def test_there_and_back_again(tmp_path: Path, database_url: str) -> None:
    shop = Shop(tmp_path, database_url)
    shop.rota("database", "upgrade")
    shop.rota("apply", "shop")
    shop.rota("scheduled", "set", "rates", "timeout=5m", "--reason", "slow bank")
    before = shop.scheduled("rates")
    shop.jobs(RENAMED)
    shop.rota("apply", "shop")

    planned = shop.rota("rollback", "1", "--dry-run").stdout
    assert "> definition rates (was exchange-rates)" in planned
    assert "exchange-rates" in shop.names()
    assert "applied as revision 3" in shop.rota("rollback", "1").stdout
    after = shop.scheduled("rates")
    assert (after["id"], after["overrides"]) == (before["id"], before["overrides"])
    newest, _, first = shop.json("history")
    assert (newest["digest"], newest["restores"], newest["source"]) == (first["digest"], 1, "revision 1 of shop")
    shop.jobs(JOBS)
    assert "no changes to 3 definitions" in shop.rota("plan", "shop").stdout
    assert "nothing to do, revision 3 stands" in shop.rota("rollback", "1").stdout
    assert "brings back revision 1" in shop.rota("history").stdout


def test_back_and_forth_over_a_rename_is_the_same_job(applied: Shop) -> None:
    applied.rota("scheduled", "set", "rates", "timeout=5m", "--reason", "slow bank")
    before = applied.scheduled("rates")
    applied.jobs(RENAMED)
    applied.rota("apply", "shop")
    applied.jobs(RENAMED.replace("    renamed_from: rates\n", "").replace("03:00", "04:00"))
    applied.rota("apply", "shop")
    applied.rota("rollback", "1")

    planned = applied.rota("rollback", "3").stdout
    assert "> definition exchange-rates (was rates)" in planned
    after = applied.scheduled("exchange-rates")
    assert (after["id"], after["overrides"]) == (before["id"], before["overrides"])
    assert "> definition exchange-rates (was rates)" in applied.rota("diff", "1", "3").stdout
    assert "> definition rates (was exchange-rates)" in applied.rota("diff", "3", "1").stdout


def test_a_rename_from_nothing_is_told_of_when_it_is_new_and_not_when_it_comes_back(applied: Shop) -> None:
    applied.jobs(RENAMED.replace("renamed_from: rates", "renamed_from: raets"))
    warning = "jobs.exchange-rates.renamed_from: nothing is called raets; exchange-rates is created as new"
    assert warning in applied.rota("plan", "shop").stdout
    assert warning in applied.rota("apply", "shop").stdout
    applied.jobs(JOBS)
    applied.rota("apply", "shop")
    for command in (("diff", "3", "2"), ("rollback", "2", "--dry-run"), ("rollback", "2"), ("export",)):
        done = applied.rota(*command)
        assert "nothing is called" not in done.stdout + done.stderr


def test_going_back_is_refused_what_an_update_is_refused(applied: Shop) -> None:
    applied.code(METHODS + "\ndef extra(): pass\n")
    applied.jobs(JOBS + "  extra:\n    method: shop_jobs:extra\n    predefined: false\n")
    applied.rota("apply", "shop")
    applied.rota("scheduled", "create", "extra", "mine")
    assert "definition extra is gone but scheduled jobs made by hand use it: mine" in (
        applied.rota("rollback", "1", code=4).stderr
    )
    assert "refused: " in applied.rota("rollback", "1", "--dry-run", code=1).stdout
    assert "--max-deletes allows 0" in (
        applied.rota("rollback", "1", "--delete-scheduled-jobs", "--max-deletes", "0", code=4).stderr
    )
    applied.rota("rollback", "1", "--delete-scheduled-jobs")
    applied.code(METHODS)
    refused = applied.rota("rollback", "2", code=1).stderr
    assert "revision 2 of shop: jobs.extra.method: module shop_jobs has no function extra" in refused
    assert "applied as revision 4" in applied.rota("rollback", "2", "--no-code").stdout


def test_one_of_several_configurations_is_named(applied: Shop) -> None:
    applied.jobs("  hello:\n    command: [echo, hello]\n", folder="depot")
    applied.apply("depot")
    for command in (("rollback", "1"), ("diff", "1"), ("export",)):
        assert "several configurations are applied: depot, shop" in applied.rota(*command, code=2).stderr
    assert "nothing to do" in applied.rota("rollback", "1", "--configuration", "depot").stdout
    assert {row["configuration"] for row in applied.json("history")} == {"depot", "shop"}


def test_what_is_exported_changes_nothing(applied: Shop) -> None:
    applied.rota("scheduled", "disable", "backup", "--reason", "disk full")
    text = applied.rota("export").stdout
    assert "# overridden: use false instead of true, by administrator: disk full\n" in text
    assert f" Its folders are relative to {applied.folder / 'shop'}.\n" in text
    exported = "shop/exported.yaml"
    applied.rota("export", "--out", exported)
    assert (applied.folder / exported).read_text() == text
    assert "valid (3 jobs in 1 file" in applied.rota("validate", exported).stderr
    applied.rota("plan", exported, "--detailed-exitcode")
    assert "nothing to do, revision 1 stands" in applied.rota("apply", exported).stdout
    fresh = Shop(applied.folder, f"sqlite:///{applied.folder}/fresh.db")
    assert "3 to create" in fresh.rota("apply", exported).stdout

    applied.rota("export", "--effective", "--out", exported)
    planned = applied.rota("plan", exported).stdout
    assert "use: true -> false  (hidden by an override)" in planned
    assert "1 to update; 2 unchanged" in planned


def test_drift_lists_every_override(applied: Shop) -> None:
    assert applied.rota("drift").stderr == "nothing is overridden\n"
    applied.rota("scheduled", "set", "rates", "timeout=5m", "--reason", "slow bank")
    applied.rota("scheduled", "disable", "backup", "--until", "2h")
    backup, rates = applied.json("drift")
    assert (backup["scheduled_job"], backup["property"], backup["value"], backup["configured"]) == (
        "backup",
        "use",
        False,
        True,
    )
    assert backup["until"].endswith("Z")
    assert (rates["value"], rates["configured"], rates["by"], rates["reason"], rates["until"]) == (
        300.0,
        None,
        "administrator",
        "slow bank",
        None,
    )
    table = applied.rota("drift").stdout
    assert "shop/rates" in table
    assert "slow bank" in table
    applied.jobs("  hello:\n    command: [echo, hello]\n", folder="depot")
    applied.apply("depot")
    assert applied.json("drift", "--configuration", "depot") == []
    assert "did you mean 'shop'" in applied.rota("drift", "--configuration", "shpo", code=3).stderr


def test_an_override_that_ends_by_itself_is_shown_everywhere(applied: Shop) -> None:
    assert "backup is off until " in applied.rota("scheduled", "disable", "backup", "--until", "2h").stdout
    assert "false instead of true until " in applied.rota("scheduled", "show", "backup").stdout
    assert "backup (use until " in applied.rota("status").stdout
    applied.jobs(JOBS.replace("  backup:\n", "  backup:\n    use: false\n"))
    applied.apply()
    applied.jobs(JOBS)
    assert ", until 20" in applied.rota("plan", "shop").stdout
    for wrong, words in (("yesterday", "is neither a time"), ("2020-01-01", "is not later than now")):
        assert words in applied.rota("scheduled", "set", "rates", "key=k", "--until", wrong, code=2).stderr
