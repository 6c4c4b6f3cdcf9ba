"""Updates on every database: whole or not at all, twice is once, and two at once are one after the other."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from rota.model.definition import Configuration, Definition
from rota.model.errors import DefinitionInUse, EmptyConfiguration, StalePlan, UpdateRefused
from rota.model.scheduled_job import Override
from rota.model.states import State
from rota.model.timing import timing_from
from rota.model.transitions import Next
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed, Plan, compare
from rota.reconcile.observe import observe
from rota.reconcile.reconciler import apply, is_applied, make_plan, plan_for_new_database
from rota.store import Store, configurations, scheduled_changes, scheduled_runs
from tests.support.statements import statements
from tests.support.stored import (
    NOW,
    SECOND,
    add_node,
    empty,
    end,
    ending,
    new_scheduled_job,
    running,
    stored,
)
from tests.support.updates import DAILY, HOURLY, LATER, NEW, OLD, definitions, job, jobs, picture, update


def add_by_hand(store: Store, definition: str, name: str) -> str:
    with store.write() as tx:
        (home,) = (each.id for each in configurations.definitions(tx, "shop") if each.name == definition)
        new = new_scheduled_job(home, name=name, predefined=False)
        scheduled_changes.create(tx, [new], NOW)
    return new.id


# What an update does


def test_an_update_brings_the_database_to_the_configuration(store: Store) -> None:
    assert update(store, OLD).revision == 1
    before = jobs(store)
    assert sorted(before) == ["gone", "loses-its-job", "old-name", "retimed", "same", "switched-off"]
    applied = update(store, NEW, now=LATER)
    assert applied.revision == 2
    assert applied.plan.summary == {"create": 1, "update": 4, "rename": 1, "delete": 1, "unchanged": 1}
    assert definitions(store) == {each.name: each.properties for each in NEW.definitions}
    after = jobs(store)
    assert sorted(after) == ["comes", "new-name", "retimed", "same", "switched-off", "template"]
    assert after["same"] == before["same"]
    assert after["new-name"] == structs.replace(
        before["old-name"], name="new-name", definition="new-name", configured=after["new-name"].configured
    )
    assert after["retimed"].active_since == LATER
    assert after["retimed"].look_at == after["retimed"].next_start == timing_from(LATER, DAILY, use=True).look_at
    assert (after["switched-off"].use, after["switched-off"].look_at) == (False, None)
    assert (after["comes"].predefined, after["comes"].created_at) == (True, LATER)
    with store.read() as tx:
        (header,) = configurations.applied(tx)
    assert (header.revision, header.digest, header.description) == (2, "new", "the new one")
    assert (header.applied_at, header.applied_by, header.retention) == (LATER, "ann", NEW.retention)


def test_each_update_leaves_a_revision_and_a_note(store: Store) -> None:
    update(store, OLD)
    update(store, NEW, now=LATER)
    rows = picture(store)
    assert [(row[1], row[2]) for row in rows["rota_revision"]] == [(1, "old"), (2, "new")]
    assert [(row[2], row[3], row[4]) for row in rows["rota_audit"]] == [("ann", "configuration.apply", "shop")] * 2
    assert rows["rota_revision"][1][-1] == NEW.document


def test_the_same_again_changes_nothing(store: Store) -> None:
    assert not is_applied(store, NEW)
    update(store, NEW)
    assert is_applied(store, NEW)
    assert not is_applied(store, OLD)
    before = picture(store)
    again = update(store, NEW, now=LATER)
    assert (again.revision, again.plan.is_empty) == (1, True)
    assert picture(store) == before


def test_the_same_in_another_folder_moves_and_leaves_no_revision(store: Store) -> None:
    here = replace(NEW, root="/srv/here", path=("lib",))
    update(store, here)
    before = picture(store)
    there = replace(here, root="/srv/there")
    moves = make_plan(store, there, Allowed(), now=LATER).warnings
    assert [each.partition(":")[0] for each in moves] == ["moves from /srv/here to /srv/there"]
    moved = update(store, there, now=LATER)
    assert (moved.revision, moved.plan.is_empty, moved.plan.warnings) == (1, True, moves)
    with store.read() as tx:
        (header,) = configurations.applied(tx)
    assert (header.root, header.import_path(), header.import_path("/mnt")) == (
        "/srv/there",
        ("/srv/there/lib",),
        ("/mnt/lib",),
    )
    after = picture(store)
    assert {name: rows for name, rows in after.items() if name != "rota_configuration"} == {
        name: rows for name, rows in before.items() if name != "rota_configuration"
    }
    absolute = replace(there, root="/srv/elsewhere", path=("/opt/lib",), digest="newer")
    assert make_plan(store, absolute, Allowed(), now=LATER).warnings == (), "where it lies does not matter to it"


def test_there_and_back_is_what_it_was(store: Store) -> None:
    update(store, OLD)
    update(store, NEW, now=LATER)
    back = replace(
        OLD,
        definitions=tuple(
            structs.replace(each, renamed_from="new-name") if each.name == "old-name" else each
            for each in OLD.definitions
        ),
    )
    assert update(store, back, now=LATER).revision == 3
    assert definitions(store) == {each.name: each.properties for each in OLD.definitions}
    assert make_plan(store, OLD, Allowed(), now=NOW).is_empty


def test_a_plan_changes_nothing(store: Store) -> None:
    update(store, OLD)
    before = picture(store)
    plan = make_plan(store, NEW, Allowed(), now=NOW)
    assert picture(store) == before
    assert update(store, NEW).plan == plan


def test_the_plan_for_a_new_database_is_that_of_an_empty_one(store: Store) -> None:
    desired = Configuration(name="shop", definitions=(job("a"),))
    assert plan_for_new_database(desired, Allowed()) == make_plan(store, desired, Allowed(), now=NOW)


def test_each_configuration_has_its_own(store: Store) -> None:
    update(store, OLD)
    before = picture(store)
    update(store, Configuration(name="bank", digest="b", definitions=(job("gone"), job("same"))))
    after = picture(store)
    for table in ("rota_configuration", "rota_definition", "rota_scheduled_job"):
        assert set(map(str, before[table])) <= set(map(str, after[table]))
    assert sorted(jobs(store, "bank")) == ["gone", "same"]


# Runs in progress


def test_a_run_goes_on_when_an_update_deletes_its_job(store: Store) -> None:
    update(store, OLD)
    add_node(store)
    gone = jobs(store)["gone"]
    lease = running(store, scheduled_job=gone.id, configuration="shop", definition="gone")
    with store.write() as tx:
        scheduled_runs.start_by_hand(tx, gone.id, lease.attempt.job)
    update(store, NEW)
    assert end(store, ending(lease, Next(state=State.COMPLETED, restarts=0))) == [lease.sequence]
    finished = stored(store, lease.attempt.job)
    assert (finished.state, finished.scheduled_job, finished.definition) == (State.COMPLETED, gone.id, "gone")


# Refusals


def test_what_is_refused_changes_nothing(store: Store) -> None:
    update(store, OLD)
    add_by_hand(store, "gone", "mine")
    before = picture(store)
    with pytest.raises(EmptyConfiguration, match="configuration shop: the configuration has no jobs"):
        update(store, Configuration(name="shop"))
    with pytest.raises(DefinitionInUse, match=r"configuration shop: definition gone is gone but .*: mine"):
        update(store, NEW)
    with pytest.raises(UpdateRefused, match="there is no user 'bob'"):
        update(store, replace(OLD, definitions=(*OLD.definitions, job("x", user="bob"))))
    assert picture(store) == before


def test_what_is_meant_is_done(store: Store) -> None:
    update(store, OLD)
    add_by_hand(store, "gone", "comes")  # a name that the new configuration wants for itself
    update(store, NEW, Allowed(delete_scheduled_jobs=True))
    assert jobs(store)["comes"].predefined
    update(store, Configuration(name="shop"), Allowed(empty=True))
    assert definitions(store) == {}
    assert jobs(store) == {}


# Whatever the configurations

NAMES = [f"job-{letter}" for letter in "abcd"]


@st.composite
def declared(draw: st.DrawFn) -> tuple[Definition, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    free = [name for name in NAMES if name not in names]
    renamed = draw(st.permutations(free))
    found = []
    for name, former in itertools.zip_longest(names, renamed[: len(names)]):
        found.append(
            job(
                name,
                renamed_from=former if draw(st.booleans()) else None,
                predefined=draw(st.booleans()),
                use=draw(st.booleans()),
                schedule=draw(st.sampled_from([None, HOURLY, DAILY])),
                parameters=draw(st.sampled_from([None, {"a": [1, None, "€"]}, []])),
                timeout=draw(st.sampled_from([None, 0.1, 1e9])),
                description=draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=5)),
            )
        )
    return tuple(found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(declared(), min_size=1, max_size=3))
def test_after_an_update_nothing_is_left_to_do(store: Store, versions: list[tuple[Definition, ...]]) -> None:
    with store.write() as tx:  # each example begins with nothing
        for table in ("rota_scheduled_job", "rota_definition", "rota_revision", "rota_configuration"):
            tx.exec_driver_sql(f"DELETE FROM {table}")
    for number, version in enumerate(versions):
        desired = Configuration(name="shop", digest=str(number), definitions=version)
        update(store, desired, Allowed(empty=True), now=NOW + number * SECOND)
        plan = make_plan(store, desired, Allowed(empty=True), now=NOW)
        assert plan.is_empty
        assert plan == compared_whole(store, desired)
        assert definitions(store) == {each.name: each.properties for each in version}
        found = jobs(store)
        assert sorted(found) == sorted(each.name for each in version if each.predefined)
        for each in version:
            if each.predefined:
                assert found[each.name].use == each.use
                assert (found[each.name].look_at is not None) == (each.use and each.schedule is not None)


def compared_whole(store: Store, desired: Configuration) -> Plan:
    """The plan as it is made where the digests differ."""
    with store.read() as tx:
        return compare(desired, observe(tx, desired, NOW), Allowed(empty=True))


def test_the_short_look_says_no_less_than_the_long_one(store: Store) -> None:
    update(store, NEW)
    made = add_by_hand(store, "same", "same-by-hand")
    with store.write() as tx:
        for each, value in ((made, False), (jobs(store)["same"].id, True)):
            scheduled_changes.set_overrides(tx, each, {"use": Override(value=value, by="ann", at=NOW)})
    assert make_plan(store, NEW, Allowed(), now=NOW) == compared_whole(store, NEW)


def test_an_applied_digest_needs_no_second_look_but_at_users(store: Store) -> None:
    applied = replace(OLD, digest="d1")
    update(store, applied)
    again = update(store, applied, now=LATER).plan
    assert (again.is_empty, again.unchanged, again.from_revision) == (True, len(applied.definitions), 1)
    stranger = replace(applied, definitions=(structs.replace(applied.definitions[0], user="nobody"),))
    with pytest.raises(UpdateRefused, match="there is no user 'nobody'"):
        update(store, stranger)
    nearly = replace(applied, definitions=(structs.replace(applied.definitions[0], user="adminstrator"),))
    with pytest.raises(UpdateRefused, match="there is no user 'adminstrator'; did you mean 'administrator'"):
        update(store, nearly)


# Where the applied configuration is known

_NAMES = st.sampled_from(["a", "b", "c", "d"])
_SOME = st.lists(
    st.builds(
        lambda name, key, user, predefined, former: job(
            name, key=key, user=user, predefined=predefined, renamed_from=former, schedule=HOURLY
        ),
        _NAMES,
        st.sampled_from([None, "k"]),
        st.sampled_from([ADMINISTRATOR, ADMINISTRATOR, "nobody"]),
        st.booleans(),
        st.sampled_from([None, None, "a", "b"]),
    ),
    unique_by=lambda each: each.name,
    max_size=4,
)


@given(before=_SOME, after=_SOME, by_hand=_NAMES, description=st.sampled_from(["", "", "other"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plan_from_what_is_known_is_the_plan_from_everything(
    store: Store, before: list[Definition], after: list[Definition], by_hand: str, description: str
) -> None:
    empty(store)
    old = shop_of("before", [structs.replace(each, user=ADMINISTRATOR) for each in before])
    update(store, old)
    if before and by_hand not in jobs(store):
        add_by_hand(store, before[0].name, by_hand)
    new = shop_of("after", after, description=description)
    allowed = Allowed(max_deletes=1)
    from_everything = make_plan(store, new, allowed, now=LATER)
    assert make_plan(store, new, allowed, now=LATER, known=old) == from_everything
    # What is known may be out of date: somebody else applied another one since.
    stale = shop_of("stale", [])
    assert make_plan(store, new, allowed, now=LATER, known=stale) == from_everything


def test_what_was_made_from_a_revision_is_applied_while_that_is_in_force(store: Store) -> None:
    update(store, OLD)
    base = in_force(store)
    add_by_hand(store, "template", "by-hand")
    assert apply(store, NEW, Allowed(), by="ann", now=lambda: LATER, base=base).revision == 2
    words = "went from revision 1 to 2 meanwhile; look at `rota history`, and call it again"
    with pytest.raises(StalePlan, match=words):
        apply(store, OLD, Allowed(), by="ann", now=lambda: LATER, base=base)
    assert in_force(store).revision == 2


def in_force(store: Store) -> configurations.AppliedConfiguration:
    with store.read() as tx:
        return configurations.applied(tx, "shop")[0]


def test_only_what_differs_is_read_where_the_applied_one_is_known(store: Store) -> None:
    many = shop_of("before", [job(f"job-{number}", schedule=HOURLY) for number in range(200)])
    update(store, many)
    changed = replace(many, digest="after", definitions=(job("job-0", schedule=DAILY), *many.definitions[1:]))
    with statements(store) as issued:
        apply(store, changed, Allowed(), by="ann", now=lambda: LATER, known=many)
    reads = [each for each in issued if each.startswith("SELECT") and "properties" in each]
    assert reads
    assert all("rota_definition.name IN" in each or "rota_scheduled_job.id =" in each for each in reads)
    assert jobs(store)["job-0"].active_since == LATER


def shop_of(digest: str, definitions: list[Definition], **values: object) -> Configuration:
    return Configuration(name="shop", digest=digest, definitions=tuple(definitions), **values)  # type: ignore[arg-type]
