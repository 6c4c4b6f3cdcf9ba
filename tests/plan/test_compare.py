"""Desired and actual to a plan: literal pictures in, changes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from rota.model.definition import Configuration, Definition, ExecutorSpec, Retention
from rota.model.retry import RetryPolicy
from rota.model.scheduled_job import Override, ScheduledJob
from rota.plan import Allowed, Plan, compare
from rota.plan.operations import ChangeDefinition, CreatePredefinedJob, DeleteJob, RenameJob, RetimeJob
from rota.plan.plan import Reason
from rota.plan.snapshot import Actual, ActualDefinition
from rota.schedule import Schedule

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOURLY = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 3600})
DAILY = Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"})
NOTHING = Actual(revision=0, digest="", header={}, definitions={}, users=frozenset())
ALLOWED = Allowed()


def shop(*definitions: Definition, **values: Any) -> Configuration:
    return Configuration(**{"name": "shop", "digest": "new", "definitions": definitions, **values})


def job(name: str, **values: Any) -> Definition:
    return Definition(**{"name": name, "method": "m:f", **values})


def scheduled(definition: Definition, number: int, name: str = "", **values: Any) -> ScheduledJob:
    facts = {
        "id": f"s-{name or definition.name}",
        "name": name or definition.name,
        "definition": definition.name,
        "definition_id": number,
        "configuration": "shop",
        "predefined": not name,
        "configured": definition.properties,
        "overrides": {},
        "active_since": NOW,
        "considered": NOW,
        "next_start": None,
        "look_at": None,
        "active_job": None,
        "last_job": None,
        "held": None,
        "missed": 0,
        "unresolved": None,
        "created_at": NOW,
    }
    return ScheduledJob(**{**facts, **values})


def applied(
    configuration: Configuration,
    *,
    hand_made: Mapping[str, str] | None = None,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> Actual:
    """The picture of a database to which `configuration` was applied.

    `hand_made` maps scheduled jobs made by hand to their definition; `overrides` a job's name to values.
    """
    definitions = {}
    for number, definition in enumerate(configuration.definitions, start=1):
        jobs = [scheduled(definition, number)] if definition.predefined else []
        jobs += [scheduled(definition, number, name) for name, of in (hand_made or {}).items() if of == definition.name]
        jobs = [structs.replace(each, overrides=_overrides((overrides or {}).get(each.name, {}))) for each in jobs]
        definitions[definition.name] = ActualDefinition(
            id=number, name=definition.name, properties=definition.properties, scheduled_jobs=tuple(jobs)
        )
    return Actual(revision=1, digest="old", header=configuration.properties, definitions=definitions, users=frozenset())


def _overrides(values: Mapping[str, Any]) -> dict[str, Override]:
    return {name: Override(value=value, by="ann", at=NOW) for name, value in values.items()}


def told(plan: Plan) -> list[tuple[str, str, str]]:
    return [(change.action, change.kind, change.name) for change in plan.changes]


def operations(plan: Plan, kind: type[Any]) -> list[Any]:
    return [each for each in plan.operations if isinstance(each, kind)]


# Nothing, something, everything


def test_what_is_applied_needs_no_change() -> None:
    configuration = shop(job("a", schedule=HOURLY), job("b", predefined=False), description="d", modules=("m",))
    plan = compare(configuration, applied(configuration), ALLOWED)
    assert plan.is_empty
    assert plan.summary == {"create": 0, "update": 0, "rename": 0, "delete": 0, "unchanged": 2}


def test_the_first_plan_creates_everything() -> None:
    plan = compare(shop(job("a"), job("b", predefined=False)), NOTHING, ALLOWED)
    assert told(plan) == [
        ("create", "configuration", "shop"),
        ("create", "definition", "a"),
        ("create", "scheduled job", "a"),
        ("create", "definition", "b"),
    ]
    assert (plan.from_revision, plan.from_digest, plan.digest) == (0, "", "new")
    assert not plan.is_empty


def test_an_empty_configuration_can_be_applied_the_first_time() -> None:
    plan = compare(shop(), NOTHING, ALLOWED)
    assert told(plan) == [("create", "configuration", "shop")]
    assert plan.refusals == ()


def test_create_update_and_delete_are_told_apart() -> None:
    actual = applied(shop(job("gone"), job("same"), job("changed")))
    plan = compare(shop(job("same"), job("changed", timeout=5.0), job("new")), actual, ALLOWED)
    assert told(plan) == [
        ("delete", "scheduled job", "gone"),
        ("delete", "definition", "gone"),
        ("update", "definition", "changed"),
        ("create", "definition", "new"),
        ("create", "scheduled job", "new"),
    ]
    assert plan.summary == {"create": 1, "update": 1, "rename": 0, "delete": 1, "unchanged": 1}
    (update,) = operations(plan, ChangeDefinition)
    assert update.changed == {"timeout": (None, 5.0)}


@pytest.mark.parametrize(
    ("name", "value", "data"),
    [
        ("description", "text", "text"),
        ("method", "m:g", "m:g"),
        ("parameters", {"a": [1]}, {"a": [1]}),
        ("key", "k", "k"),
        ("use", False, False),
        ("retry", RetryPolicy(count=1), RetryPolicy(count=1).to_data()),
        ("schedule", DAILY, DAILY.to_data()),
        ("executor", "thread", "thread"),
        ("timeout", 1.5, 1.5),
        ("priority", 3, 3),
    ],
)
def test_every_property_is_compared(name: str, value: Any, data: Any) -> None:
    before = job("a")
    plan = compare(shop(structs.replace(before, **{name: value})), applied(shop(before)), ALLOWED)
    (update,) = operations(plan, ChangeDefinition)
    assert update.changed == {name: (before.properties[name], data)}
    assert plan.changes[0].to_data()["properties"] == {name: {"from": before.properties[name], "to": data}}


def test_a_command_takes_the_place_of_a_method() -> None:
    plan = compare(shop(Definition(name="a", command=("ls", "-l"))), applied(shop(job("a"))), ALLOWED)
    (update,) = operations(plan, ChangeDefinition)
    assert update.changed == {"method": ("m:f", None), "command": (None, ["ls", "-l"])}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"description": "d"}, {"description": ("", "d")}),
        ({"timezone": "Europe/Berlin"}, {"timezone": ("UTC", "Europe/Berlin")}),
        ({"modules": ("m",)}, {"modules": ([], ["m"])}),
        ({"path": ("/p",)}, {"path": ([], ["/p"])}),
        ({"retention": Retention(age=1, count=2)}, {"retention": (Retention().to_data(), {"age": 1, "count": 2})}),
        (
            {"executors": (ExecutorSpec(name="x", kind="thread", workers=2),)},
            {"executors": ({}, {"x": {"kind": "thread", "workers": 2}})},
        ),
    ],
)
def test_the_header_is_compared(changed: dict[str, Any], says: dict[str, Any]) -> None:
    plan = compare(shop(job("a"), **changed), applied(shop(job("a"))), ALLOWED)
    (change,) = plan.changes
    assert (change.action, change.kind, change.name) == ("update", "configuration", "shop")
    assert change.properties == says
    assert plan.summary["unchanged"] == 1


# Renames


def test_a_renamed_job_keeps_its_identity() -> None:
    plan = compare(shop(job("new", renamed_from="old")), applied(shop(job("old"))), ALLOWED)
    (change,) = plan.changes
    assert (change.action, change.name, change.renamed_from, change.properties) == ("rename", "new", "old", {})
    assert operations(plan, RenameJob) == [RenameJob(id="s-old", name="new")]
    assert plan.summary == {"create": 0, "update": 0, "rename": 1, "delete": 0, "unchanged": 0}


def test_a_job_is_renamed_and_updated_at_once() -> None:
    plan = compare(shop(job("new", renamed_from="old", schedule=DAILY)), applied(shop(job("old"))), ALLOWED)
    (change,) = plan.changes
    assert change.action == "rename"
    assert list(change.properties) == ["schedule"]
    assert [each.id for each in operations(plan, RetimeJob)] == ["s-old"]


def test_a_rename_that_is_done_changes_nothing() -> None:
    configuration = shop(job("new", renamed_from="old"))
    assert compare(configuration, applied(configuration), ALLOWED).is_empty


def test_a_rename_of_what_never_was_creates() -> None:
    plan = compare(shop(job("new", renamed_from="old")), applied(shop(job("other"))), ALLOWED)
    assert ("create", "definition", "new") in told(plan)
    assert ("delete", "definition", "other") in told(plan)


def test_where_both_names_are_there_the_former_one_goes() -> None:
    plan = compare(shop(job("new", renamed_from="old")), applied(shop(job("new"), job("old"))), ALLOWED)
    assert told(plan) == [("delete", "scheduled job", "old"), ("delete", "definition", "old")]


def test_a_former_name_that_is_declared_is_not_taken_away() -> None:
    plan = compare(shop(job("old"), job("new", renamed_from="old")), applied(shop(job("old"))), ALLOWED)
    assert told(plan) == [("create", "definition", "new"), ("create", "scheduled job", "new")]


@pytest.mark.parametrize(
    ("renames", "names"),
    [({"a": "b", "b": "a"}, {"s-b": "a", "s-a": "b"}), ({"a": "b"}, {"s-b": "a"})],
    ids=["swapped", "the other one has come since"],
)
def test_what_is_known_of_renames_comes_before_names(renames: dict[str, str], names: dict[str, str]) -> None:
    plan = compare(replace(shop(job("a"), job("b")), renames=renames), applied(shop(job("a"), job("b"))), ALLOWED)
    assert {each.id: each.name for each in operations(plan, RenameJob)} == names
    assert plan.renames == {old: new for new, old in renames.items()}
    assert [each.definition.name for each in operations(plan, CreatePredefinedJob)] == ["b"] * (len(names) == 1)
    assert [each.id for each in operations(plan, DeleteJob)] == ["s-a"] * (len(names) == 1)


def test_hand_made_jobs_keep_their_names_when_their_definition_is_renamed() -> None:
    actual = applied(shop(job("old", predefined=False)), hand_made={"mine": "old"})
    plan = compare(shop(job("new", renamed_from="old", predefined=False)), actual, ALLOWED)
    assert told(plan) == [("rename", "definition", "new")]
    assert operations(plan, RenameJob) == []
    assert plan.refusals == ()


# The predefined flag


def test_the_flag_makes_and_takes_the_predefined_job() -> None:
    on, off = shop(job("a")), shop(job("a", predefined=False))
    switched_on = compare(on, applied(off), ALLOWED)
    assert told(switched_on) == [("update", "definition", "a"), ("create", "scheduled job", "a")]
    switched_off = compare(off, applied(on), ALLOWED)
    assert told(switched_off) == [("update", "definition", "a"), ("delete", "scheduled job", "a")]


def test_a_predefined_job_that_is_missing_is_made_again() -> None:
    configuration = shop(job("a"))
    actual = applied(configuration)
    bare = structs.replace(actual, definitions={"a": structs.replace(actual.definitions["a"], scheduled_jobs=())})
    plan = compare(configuration, bare, ALLOWED)
    assert [type(each) for each in plan.operations] == [CreatePredefinedJob]
    assert plan.summary["unchanged"] == 0


def test_renamed_with_the_flag_switched_off_the_job_goes() -> None:
    plan = compare(shop(job("new", renamed_from="old", predefined=False)), applied(shop(job("old"))), ALLOWED)
    assert operations(plan, DeleteJob) == [DeleteJob(id="s-old", name="old")]
    assert operations(plan, RenameJob) == operations(plan, RetimeJob) == []


# Timing


@pytest.mark.parametrize(
    ("change", "overridden", "retimed"),
    [
        ({"schedule": DAILY}, {}, True),
        ({"use": False}, {}, True),
        ({"timeout": 1.0}, {}, False),
        ({"schedule": DAILY}, {"schedule": None}, False),
        ({"schedule": DAILY}, {"use": False}, True),
        ({"use": False}, {"use": True}, False),
        ({"use": False}, {"schedule": None}, True),
        ({"schedule": DAILY, "use": False}, {"schedule": None}, True),
    ],
)
def test_a_job_is_retimed_where_what_changes_is_in_force(
    change: dict[str, Any], overridden: dict[str, Any], retimed: bool
) -> None:
    before = job("a", schedule=HOURLY)
    actual = applied(shop(before), overrides={"a": overridden, "mine": overridden}, hand_made={"mine": "a"})
    plan = compare(shop(structs.replace(before, **change)), actual, ALLOWED)
    assert [each.id for each in operations(plan, RetimeJob)] == (["s-a", "s-mine"] if retimed else [])


@pytest.mark.parametrize(
    ("use", "overridden", "then"),
    [(True, {}, True), (False, {}, False), (True, {"use": False}, False), (False, {"use": True}, True)],
)
def test_whether_a_changed_job_runs_on_its_schedule(use: bool, overridden: dict[str, Any], then: bool) -> None:
    before = job("a", schedule=HOURLY, use=use)
    actual = applied(shop(before), overrides={"a": overridden})
    (change,) = operations(compare(shop(structs.replace(before, schedule=DAILY)), actual, ALLOWED), ChangeDefinition)
    assert change.use is then


def test_parameters_set_for_another_method_are_a_warning() -> None:
    before = job("a")
    own = {"mine": {"parameters": {"title": "Anna"}}}
    actual = applied(shop(before), overrides=own, hand_made={"mine": "a"})
    plan = compare(shop(structs.replace(before, method="m:g")), actual, ALLOWED)
    assert [warning.partition(":")[0] for warning in plan.warnings] == ["scheduled job mine"]
    assert not compare(shop(structs.replace(before, key="k")), actual, ALLOWED).warnings


def test_what_an_override_hides_is_said() -> None:
    before = job("a", key="k", timeout=1.0)
    actual = applied(shop(before), overrides={"a": {"key": "mine", "user": "bob", "timeout": 2.0}})
    plan = compare(shop(structs.replace(before, key="new", timeout=3.0)), actual, ALLOWED)
    assert plan.changes[0].hidden_by_override == ("key", "timeout")
    assert plan.warnings == tuple(
        f"scheduled job a: the new {name} is hidden by an override of ann (2026-05-04 12:00 UTC); "
        f"`rota scheduled reset a {name}` lifts it"
        for name in ("key", "timeout")
    )


# Refusals


def reasons(plan: Plan) -> list[Reason]:
    return [refusal.reason for refusal in plan.refusals]


def test_an_empty_configuration_is_refused_unless_it_is_meant() -> None:
    actual = applied(shop(job("a"), job("b")))
    plan = compare(shop(), actual, ALLOWED)
    assert reasons(plan) == [Reason.EMPTY]
    assert plan.refusals[0].text == (
        "the configuration has no jobs and would delete all 2 of revision 1; --allow-empty if that is meant"
    )
    assert not plan.is_empty
    assert reasons(compare(shop(), actual, Allowed(empty=True))) == []


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (("b",), "it would delete 1 definition (a); --max-deletes allows 0"),
        ((), "it would delete 2 definitions (a, b); --max-deletes allows 0"),
    ],
)
def test_more_deletes_than_are_allowed(left: tuple[str, ...], words: str) -> None:
    allowed = Allowed(empty=True, max_deletes=0)
    plan = compare(shop(*map(job, left)), applied(shop(job("a"), job("b"))), allowed)
    assert [refusal.text for refusal in plan.refusals] == [words]


def test_a_definition_that_hand_made_jobs_use_is_not_deleted_unless_it_is_meant() -> None:
    actual = applied(shop(job("a"), job("b")), hand_made={"one": "a", "two": "a"})
    plan = compare(shop(job("b")), actual, ALLOWED)
    assert reasons(plan) == [Reason.IN_USE]
    assert plan.refusals[0].text == (
        "definition a is gone but scheduled jobs made by hand use it: one, two; delete them, or --delete-scheduled-jobs"
    )
    allowed = compare(shop(job("b")), actual, Allowed(delete_scheduled_jobs=True))
    assert allowed.refusals == ()
    assert [each.name for each in operations(allowed, DeleteJob)] == ["a", "one", "two"]


def test_an_unknown_user_is_refused() -> None:
    configuration = shop(job("a", user="ann"), job("b", user="bob"), job("c"))
    plan = compare(configuration, structs.replace(NOTHING, users=frozenset({"bob"})), ALLOWED)
    assert reasons(plan) == [Reason.UNKNOWN_USER]
    assert plan.refusals[0].text == "jobs.a.user: there is no user 'ann'"


def test_an_unknown_user_with_the_name_of_nearly_one_is_told_who_may_be_meant() -> None:
    actual = structs.replace(NOTHING, users=frozenset({"annabel", "bob"}))
    plan = compare(shop(job("a", user="anabel"), job("b", user="bob")), actual, ALLOWED)
    assert [each.text for each in plan.refusals] == ["jobs.a.user: there is no user 'anabel'; did you mean 'annabel'?"]


def test_a_name_that_a_hand_made_job_bears_is_refused() -> None:
    actual = applied(shop(job("a", predefined=False)), hand_made={"new": "a"})
    plan = compare(shop(job("a", predefined=False), job("new")), actual, ALLOWED)
    assert reasons(plan) == [Reason.NAME_TAKEN]
    assert plan.refusals[0].text == "jobs.new: a scheduled job made by hand bears this name; rename or delete it"
    assert compare(shop(job("a", predefined=False), job("new", predefined=False)), actual, ALLOWED).refusals == ()


def test_a_name_is_free_once_its_hand_made_job_goes_with_its_definition() -> None:
    actual = applied(shop(job("a", predefined=False)), hand_made={"new": "a"})
    plan = compare(shop(job("new")), actual, Allowed(delete_scheduled_jobs=True))
    assert plan.refusals == ()


def test_all_reasons_are_given_at_once() -> None:
    actual = applied(shop(job("a"), job("b")), hand_made={"mine": "a", "new": "b"})
    plan = compare(shop(job("b", user="ann"), job("new", user="bob")), actual, ALLOWED)
    assert reasons(plan) == [Reason.UNKNOWN_USER, Reason.UNKNOWN_USER, Reason.NAME_TAKEN, Reason.IN_USE]


# Renames that are none

RENAMED = shop(job("same"), job("new", renamed_from="odl"))


def test_what_is_renamed_from_nothing_is_created_with_a_warning() -> None:
    plan = compare(RENAMED, applied(shop(job("same"), job("old"))), ALLOWED)
    assert plan.warnings == ("jobs.new.renamed_from: nothing is called odl; new is created as new",)
    assert ("create", "definition", "new") in told(plan)


@pytest.mark.parametrize(
    ("desired", "actual"),
    [
        (RENAMED, NOTHING),
        (RENAMED, applied(shop(job("same"), job("odl")))),
        (RENAMED, applied(RENAMED)),
        (replace(RENAMED, renames={}), applied(shop(job("same")))),
    ],
    ids=["new-database", "renamed-now", "renamed-before", "gone-back-to"],
)
def test_other_renames_are_no_warning(desired: Configuration, actual: Actual) -> None:
    assert compare(desired, actual, ALLOWED).warnings == ()


# Executors


CRAWL = (ExecutorSpec(name="crawl", kind="thread"), ExecutorSpec(name="process", kind="process", workers=1))


def test_background_jobs_whose_executor_goes_are_a_warning() -> None:
    before = applied(shop(job("rates"), executors=CRAWL))
    plan = compare(shop(job("rates")), structs.replace(before, waiting={"crawl": 2, "process": 1}), ALLOWED)
    assert not plan.refusals
    assert [warning.partition(":")[0] for warning in plan.warnings] == [
        "executor crawl goes, and 2 background jobs wait for it",
        "executor process goes, and 1 background job waits for it",
    ]


def test_an_override_keeps_its_executor() -> None:
    before = applied(shop(job("rates"), executors=CRAWL), overrides={"rates": {"executor": "crawl"}})
    plan = compare(shop(job("rates")), before, ALLOWED)
    assert [refusal.reason for refusal in plan.refusals] == [Reason.EXECUTOR_OVERRIDDEN]
    assert "`rota scheduled reset rates executor`" in plan.refusals[0].text
    assert not compare(shop(), before, Allowed(empty=True)).refusals, "the job goes with its definition"
    assert not compare(shop(job("rates"), executors=CRAWL[:1]), before, ALLOWED).refusals


def test_an_override_with_a_built_in_executor_is_never_in_the_way() -> None:
    before = applied(shop(job("rates"), executors=CRAWL), overrides={"rates": {"executor": "process"}})
    assert not compare(shop(job("rates")), before, ALLOWED).refusals


COMMAND = {"method": None, "command": ("echo", "rates")}


@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        (COMMAND, "thread", "executor crawl cannot run a command"),
        ({}, "command", "executor crawl cannot run a method"),
        (COMMAND, "command", None),
        ({"predefined": False}, "command", None),
    ],
    ids=["a command", "another kind", "both", "the job goes"],
)
def test_an_override_sends_no_job_where_it_cannot_run(values: dict[str, Any], kind: str, says: str | None) -> None:
    before = applied(shop(job("rates"), executors=CRAWL), overrides={"rates": {"executor": "crawl"}})
    after = shop(job("rates", **values), executors=(structs.replace(CRAWL[0], kind=kind),))
    refusals = compare(after, before, ALLOWED).refusals
    assert [(each.reason, each.text.partition(" but ")[0]) for each in refusals] == (
        [(Reason.EXECUTOR_OVERRIDDEN, says)] if says else []
    )
