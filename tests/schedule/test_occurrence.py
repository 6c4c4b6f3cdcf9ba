"""Every answer of a schedule is that of the plain oracle, and fits with its other answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Schedule
from tests.schedule import oracle
from tests.schedule.drawn import calendars, instants, parsed, steady, unions

spans = st.sampled_from([timedelta(hours=7), timedelta(days=2), timedelta(days=15)])


def real(members: list[dict[str, Any]], after: datetime, since: datetime, until: datetime) -> list[oracle.Expected]:
    found = []
    for each in parsed(members).occurrences(after, since):
        if each.start > until:
            break
        found.append(oracle.Expected(each.start, each.closes_at, each.stop_at, each.repeat_pause))
    return found


@steady
@given(calendars(), instants(), spans)
def test_a_calendar_has_the_occurrences_that_the_rules_give_it(
    data: dict[str, Any], since: datetime, span: timedelta
) -> None:
    until = since + span
    expected = oracle.occurrences([data], since, until)
    assert real([data], since - timedelta(days=9), since, until) == expected


@steady
@given(unions, instants(), spans)
def test_a_union_merges_equal_starts(members: list[dict[str, Any]], since: datetime, span: timedelta) -> None:
    until = since + span
    expected = oracle.occurrences(members, since, until)
    assert real(members, since, since, until) == [each for each in expected if each.start > since]


@steady
@given(unions, instants())
def test_occurrences_increase_and_can_be_resumed_after_any_of_them(
    members: list[dict[str, Any]], since: datetime
) -> None:
    schedule = parsed(members)
    found = schedule.next_occurrences(since, 12, since)
    assert all(first.start < second.start for first, second in pairwise(found))
    assert all(each.start <= each.closes_at for each in found)
    assert all(each.stop_at is None or each.closes_at < each.stop_at for each in found)
    assert schedule.next_occurrences(since, 5, since) == found[:5]
    assert list(islice(schedule.occurrences(since, since), 12)) == found
    for index, each in enumerate(found[:8]):
        assert schedule.next_occurrences(each.start, 3, since) == found[index + 1 : index + 4]


@steady
@given(calendars())
def test_canonical_data_is_read_back_unchanged(data: dict[str, Any]) -> None:
    schedule = parsed(data)
    assert schedule.to_data() == data
    assert Schedule.parse(schedule.to_data()) == schedule
    assert hash(Schedule.parse(schedule.to_data())) == hash(schedule)


@steady
@given(unions, instants(), spans, st.data())
def test_assess_counts_and_chooses_as_the_list_of_all_occurrences_says(
    members: list[dict[str, Any]], since: datetime, span: timedelta, data: st.DataObject
) -> None:
    at = since + data.draw(st.sampled_from([span / 2, span / 3, span, span / 7])) // oracle.SECOND * oracle.SECOND
    considered = data.draw(st.one_of(st.none(), st.integers(0, int((at - since).total_seconds()))))
    cursor = since - oracle.SECOND if considered is None else since + timedelta(seconds=considered)
    found = oracle.occurrences(members, since, at + timedelta(days=10))
    pending = [each for each in found if cursor < each.start <= at]
    missed = [each for each in pending if each.closes_at < at]
    open_ = [each for each in pending if each.closes_at >= at]

    assessed = parsed(members).assess(at, active_since=since, considered=None if considered is None else cursor)

    assert assessed.missed == len(missed)
    assert _start(assessed.first_missed) == (missed[0].start if missed else None)
    assert _start(assessed.last_missed) == (missed[-1].start if missed else None)
    assert _start(assessed.due) == (open_[-1].start if open_ else None)
    assert not assessed.held_by_pause
    later = [each.start for each in found if each.start > max(at, cursor)]
    if later:
        assert assessed.look_again == later[0]
    else:
        assert assessed.look_again is None or assessed.look_again > at + timedelta(days=10)


def _start(occurrence: Any) -> datetime | None:
    return occurrence.start if occurrence else None


def with_periods_only(data: dict[str, Any]) -> dict[str, Any]:
    """A pause without a period makes starts that depend on runs; those have tests of their own."""
    windows = [
        {key: value for key, value in window.items() if key != "repeat_pause" or "repeat_period_in_day" in window}
        for window in (data, *data.get("detailed_daily_schedules", ()))
    ]
    return {**windows[0], **({"detailed_daily_schedules": windows[1:]} if windows[1:] else {})}


@steady
@given(unions, instants(), spans, st.integers(0, 9000), st.integers(0, 9000))
def test_a_start_is_due_when_one_is_open_and_its_own_pause_is_over(
    members: list[dict[str, Any]], since: datetime, span: timedelta, length: int, later: int
) -> None:
    members = [with_periods_only(data) for data in members]
    begin = since + span / 5
    end = begin + timedelta(seconds=length)
    at = end + timedelta(seconds=later)
    apart = [each for data in members for each in oracle.calendar_occurrences(data, since, at)]
    open_ = [each for each in apart if each.start > begin and at <= each.closes_at + oracle.SECOND * 0.999999]
    free = [each for each in open_ if at >= end + timedelta(seconds=each.pause)]

    schedule = parsed(members)

    assert schedule.execution_required(at, begin, end, since) == bool(free)
    assessed = schedule.assess(at, active_since=since, last_begin=begin, last_end=end)
    assert _start(assessed.due) == max((each.start for each in free), default=None)
    assert assessed.held_by_pause == (not free and bool(open_))
    assert assessed.first_open == min((each.start for each in open_), default=None)


@steady
@given(unions, instants(), spans, st.integers(0, 5000), st.integers(0, 5000))
def test_after_a_run_nothing_changes_before_the_instant_at_which_to_look_again(
    members: list[dict[str, Any]], since: datetime, span: timedelta, length: int, later: int
) -> None:
    """Also with pauses: between `at` and `look_again` there is nothing to start and nothing more is missed."""
    schedule = parsed(members)
    begin = since + span / 5
    end = begin + timedelta(seconds=length)
    at = end + timedelta(seconds=later)
    facts = {"active_since": since, "considered": begin, "last_begin": begin, "last_end": end}
    assessed = schedule.assess(at, **facts)
    assert schedule.execution_required(at, begin, end, since) == (assessed.due is not None)
    if assessed.due is not None or assessed.look_again is None:
        return
    assert assessed.look_again > at
    between = schedule.assess(at + (assessed.look_again - at) / 2, **facts)
    before = schedule.assess(assessed.look_again - timedelta(microseconds=1), **facts)
    for quiet in (between, before):
        assert (quiet.due, quiet.missed) == (None, assessed.missed)
    # A start that closes in one member may still be open in another: then there is a second thing to wait for.
    then = assessed
    for _ in range(3):
        assert then.look_again is not None
        then = schedule.assess(then.look_again, **facts)
        if then.due is not None or then.missed > assessed.missed:
            return
    raise AssertionError(f"nothing happened at the instants named, the last of which is {then.look_again}")
