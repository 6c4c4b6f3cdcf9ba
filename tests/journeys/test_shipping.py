"""A plan that is made, looked at and carried out: what a pipeline does, through the real command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.shop import JOBS, Shop
from tests.support.terminal import on_terminal

LATER = JOBS.replace('begin_time: "03:00"', 'begin_time: "04:00"')


def test_a_saved_plan_is_carried_out_as_it_was_read(tmp_path: Path, database_url: str) -> None:
    shop = Shop(tmp_path, database_url)
    shop.rota("database", "upgrade")
    assert "3 to create" in shop.rota("plan", "shop", "--out", "new.plan").stdout
    assert "applied as revision 1" in shop.rota("apply", "--plan", "new.plan").stdout
    again = shop.rota("apply", "--plan", "new.plan", code=4)
    assert "the plan for configuration shop is stale: the database is at revision 1, the plan was made from 0" in (
        again.stderr
    )
    assert again.stdout == ""

    shop.jobs(LATER)
    shop.rota("plan", "shop", "--out", "later.plan", "--detailed-exitcode", code=2)
    shop.jobs(JOBS.replace("key: rates", "key: other"))
    refused = shop.rota("apply", "shop", "--plan", "later.plan", code=4).stderr
    assert "is stale: its files, the environment or a variable are not those" in refused
    shop.jobs(LATER)
    applied = shop.json("apply", "--plan", "later.plan")
    assert [(each["revision"], each["summary"]["update"]) for each in applied] == [(2, 1)]
    shop.rota("plan", "shop", "--out", "same.plan", "--detailed-exitcode")
    assert "nothing to do, revision 2 stands" in shop.rota("apply", "--plan", "same.plan").stdout


def test_what_operators_do_in_between_makes_a_plan_stale_if_it_changes_what_happens(applied: Shop) -> None:
    applied.jobs(LATER)
    applied.rota("plan", "shop", "--out", "plan")
    applied.rota("scheduled", "set", "backup", "timeout=5m")
    applied.rota("scheduled", "set", "rates", "schedule=null")
    refused = applied.rota("apply", "--plan", "plan", code=4).stderr
    assert "overrides or scheduled jobs made by hand have changed" in refused
    applied.rota("scheduled", "reset", "rates")
    assert "applied as revision 2" in applied.rota("apply", "--plan", "plan").stdout


def test_of_several_configurations_none_is_applied_if_one_is_stale(applied: Shop) -> None:
    applied.jobs(LATER)
    applied.jobs("  hello:\n    command: [echo, hello]\n", folder="depot")
    applied.rota("plan", "shop", "depot", "--out", "plan")
    applied.jobs("  hello:\n    command: [echo, other]\n", folder="depot")
    assert "configuration depot is stale" in applied.rota("apply", "--plan", "plan", code=4).stderr
    assert "no changes" not in applied.rota("plan", "shop").stdout
    assert "for the configurations depot, shop, not for shop" in (
        applied.rota("apply", "shop", "--plan", "plan", code=4).stderr
    )


def test_a_plan_is_not_saved_that_could_not_be_applied(applied: Shop) -> None:
    applied.jobs("")
    applied.rota("plan", "shop", "--out", "plan", code=1)
    assert not (applied.folder / "plan").exists()
    applied.rota("plan", "shop", "--allow-empty", "--out", "plan")
    assert "the plan says what is allowed" in applied.rota("apply", "--plan", "plan", "--allow-empty", code=2).stderr
    applied.rota("apply", "--plan", "plan")
    assert applied.names() == []


def test_no_more_is_deleted_than_is_allowed(applied: Shop) -> None:
    applied.jobs("  rates:\n    method: shop_jobs:load\n    parameters: {currencies: []}\n")
    words = "it would delete 2 definitions (backup, report); --max-deletes allows 1"
    assert words in applied.rota("plan", "shop", "--max-deletes", "1", "--detailed-exitcode", code=1).stdout
    assert words in applied.rota("apply", "shop", "--max-deletes", "1", code=4).stderr
    assert applied.names() == ["backup", "rates"]
    assert "2 to delete" in applied.rota("apply", "shop", "--max-deletes", "2").stdout


@pytest.mark.parametrize(
    "slip",
    [
        ("--database", "foo"),
        ("--database", ""),
        ("--user", "nobody"),
        ("--set", "x"),
        ("--out", "nowhere/rota.plan"),
        ("--max-deletes", "x"),
        ("--nope",),
    ],
    ids=" ".join,
)
def test_no_error_looks_like_changes(applied: Shop, slip: tuple[str, ...]) -> None:
    applied.jobs(LATER)
    applied.rota("plan", "shop", "--detailed-exitcode", code=2)
    applied.rota("plan", "shop", "--detailed-exitcode", *slip, code=1)


def test_every_format_of_a_plan_is_data_and_nothing_else(applied: Shop) -> None:
    applied.jobs(LATER)
    comment = "<!-- rota plan -->\n### Configuration `shop`"
    for form, begins in (("json", "["), ("markdown", comment), ("table", "configuration shop")):
        done = applied.rota("plan", "shop", "--format", form, "--out", f"{form}.plan")
        assert done.stdout.startswith(begins)
        assert done.stderr == ""
    assert "it is one of table, json, markdown" in applied.rota("plan", "shop", "--format", "xml", code=2).stderr
    assert json.loads((applied.folder / "json.plan").read_text())["plans"][0]["configuration"] == "shop"


def test_old_and_new_values_have_their_colours_on_a_terminal(applied: Shop) -> None:
    applied.jobs(LATER.replace("[USD, GBP]", "[USD]"))
    where: dict[str, Any] = {"database": applied.database, "cwd": applied.folder}
    shown = on_terminal("plan", "shop", "--no-code", **where)
    assert '      parameters.currencies: \x1b[31m["USD", "GBP"]\x1b[0m -> \x1b[32m["USD"]\x1b[0m\n' in shown
    assert "\x1b[31mEvery day at 03:00 (Europe/Berlin)\x1b[0m -> \x1b[32mEvery day at 04:00" in shown
    assert "\x1b[" not in on_terminal("plan", "shop", "--no-code", **where, colour=False)


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_machine_without_the_code(applied: Shop, command: str) -> None:
    (applied.folder / "shop" / "shop_jobs.py").unlink()
    applied.jobs(LATER)
    assert "shop_jobs" in applied.rota(command, "shop", code=1).stderr
    assert "1 to update" in applied.rota(command, "shop", "--no-code").stdout


def test_a_format_that_is_not_known_is_refused_before_anything_is_done(applied: Shop) -> None:
    applied.jobs(LATER)
    for words in (
        ("apply", "shop"),
        ("rollback", "1"),
        ("scheduled", "disable", "rates"),
        ("scheduled", "start", "rates"),
    ):
        refused = applied.rota(*words, "--format", "xml", code=2)
        assert (refused.stdout, refused.stderr[:33]) == ("", "rota: --format xml: it is one of ")
    assert [each["revision"] for each in applied.json("history")] == [1]
    assert applied.json("drift") == applied.json("jobs", "list") == []


def test_what_was_applied_is_a_comment_too(applied: Shop) -> None:
    applied.jobs(LATER)
    done = applied.rota("apply", "shop", "--format", "markdown").stdout
    assert "1 to update; 2 unchanged; applied as revision 2\n" in done
    again = applied.rota("apply", "shop", "--format", "markdown").stdout
    assert "no changes to 3 definitions; revision 2 stands\n" in again
    back = applied.rota("rollback", "1", "--format", "markdown").stdout
    assert "; applied as revision 3\n" in back


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_why_nothing_was_done_is_told_in_the_format_that_was_asked_for(applied: Shop, command: str) -> None:
    applied.jobs("  rates: {command: [echo], prioritty: 3}\n")
    done = applied.rota(command, "shop", "--format", "markdown", code=1)
    assert done.stdout.splitlines() == [
        "<!-- rota plan -->",
        "### Failed",
        "",
        "`1 problem in the configuration`",
        "",
        "- `shop/jobs.yaml:4:28: jobs.rates.prioritty: unknown key`",
        "  - hint: `did you mean priority?`",
    ]
    assert "shop/jobs.yaml:4:28: jobs.rates.prioritty: unknown key\n" in done.stderr
    failure = json.loads(applied.rota(command, "shop", "--format", "json", code=1).stdout)
    assert (failure["error"], failure["message"]) == ("ConfigurationError", "1 problem in the configuration")
    assert [(each["line"], each["code"]) for each in failure["problems"]] == [(4, "schema.unknown-key")]


def test_a_refusal_is_told_in_the_format_that_was_asked_for(applied: Shop) -> None:
    applied.rota("plan", "shop", "--out", "plan")
    applied.jobs("")
    refused = json.loads(applied.rota("apply", "shop", "--format", "json", code=4).stdout)
    assert (refused["error"], refused["problems"]) == ("EmptyConfiguration", [])
    assert "--allow-empty" in refused["message"]
    assert "`the plan for configuration shop is stale: " in (
        applied.rota("apply", "--plan", "plan", "--format", "markdown", code=4).stdout
    )
    missing = json.loads(applied.rota("rollback", "9", "--format", "json", code=3).stdout)
    assert missing == {"error": "RevisionNotFound", "message": "configuration shop has no revision 9", "problems": []}


def test_a_plan_that_cannot_be_kept_is_one_failure(applied: Shop) -> None:
    applied.jobs(LATER)
    done = applied.rota("plan", "shop", "--out", "nowhere/plan", "--format", "json", code=2)
    assert json.loads(done.stdout)["error"] == "UsageError", "and no plan before it"


def test_what_was_applied_before_a_refusal_is_told(applied: Shop) -> None:
    applied.jobs("  hello:\n    command: [echo, hello]\n", folder="depot")
    applied.jobs("")
    refused = applied.rota("apply", "depot", "shop", "--format", "json", code=4)
    words = "before that, configuration depot was applied as revision 1"
    assert refused.stderr.endswith(f"{words}\n")
    assert json.loads(refused.stdout)["message"].endswith(f"\n{words}")
