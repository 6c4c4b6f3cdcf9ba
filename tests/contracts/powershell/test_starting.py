"""Starting and states, as PowerShell's jobs have them or better. Each test is named after its fact."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from rota import BadParameters
from rota.app.facade import Platform
from rota.model.errors import UnknownMethod, UsageError
from rota.model.states import FINISHED, State
from rota.model.transitions import TRANSITIONS
from rota.store import Store
from tests.support.workshop.patience import data, finished, running


def test_p1_start_returns_at_once_a_job_with_its_name_and_without_results(workshop: Platform, tmp_path: Path) -> None:
    job = workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go")], name="mine", executor="two-threads")
    assert (job.name, job.result, job.finished, data(job)) == ("mine", None, False, [])
    (tmp_path / "go").touch()
    finished(workshop, job)


def test_p2_names_are_not_unique_and_may_select_several(platform: Platform) -> None:
    start = platform.background_jobs.start
    same = [start("work_jobs:give", name="same"), start("work_jobs:give", name="same")]
    default = start("work_jobs:give")
    assert default.name == "give"
    assert {job.id for job in platform.background_jobs.list(name="sam*")} == {job.id for job in same}
    assert platform.background_jobs.get("same").id == same[1].id, "where one is meant it is the newest"


def test_p4_what_was_submitted_is_shown_verbatim(platform: Platform) -> None:
    job = platform.background_jobs.start("work_jobs:give", [" 1 + 1 \n"])
    shown = job.to_data()
    assert (shown["method"], shown["parameters"]) == ("work_jobs:give", [" 1 + 1 \n"])


def test_p5_a_program_runs_in_the_folder_that_it_is_told(workshop: Platform, tmp_path: Path) -> None:
    (folder := tmp_path / 'it\'s a "folder"').mkdir()
    start = workshop.background_jobs.start_command
    told, untold = finished(workshop, start(["pwd"], working_directory=str(folder)), start(["pwd"]))
    assert [data(job, streams=["stdout"]) for job in (told, untold)] == [[f"{folder}\n"], [f"{Path.cwd()}\n"]]


def test_p6_a_bad_folder_is_an_error_of_the_start(platform: Platform, store: Store, tmp_path: Path) -> None:
    """On PostgreSQL the engine may be on another machine: whether the folder is there is seen there."""
    missing = [str(tmp_path / "missing")] if store.is_sqlite else []
    for folder in ("", "  ", "files", *missing):
        with pytest.raises(UsageError, match="working_directory"):
            platform.background_jobs.start_command(["true"], working_directory=folder)
    assert platform.background_jobs.list() == []


def test_p7_parameters_by_position_keep_their_order(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:pair", [42, "path"], executor="two-threads"))
    assert job.result == {"second": "path", "first": 42}


def test_p12_a_job_starts_waits_for_and_receives_from_a_job(workshop: Platform) -> None:
    how: dict[str, Any] = {"executor": "two-threads"}
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:parent_that_receives", how, **how))
    assert job.result == {"first": [1, 2, 3], "second": 0}


def test_p14_three_states_are_final() -> None:
    assert set(FINISHED) == {State.COMPLETED, State.FAILED, State.CANCELLED}


def test_p15_begin_and_end_are_set_once(workshop: Platform, tmp_path: Path) -> None:
    job = workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads")
    begun = running(job).to_data()
    assert begun["begin_at"] is not None
    assert begun["end_at"] is None
    (tmp_path / "go").touch()
    ended = finished(workshop, job)[0].to_data()
    job.cancel()
    assert ended["begin_at"] == begun["begin_at"] <= ended["end_at"] == job.refresh().to_data()["end_at"]


def test_p16_a_final_state_is_never_left(workshop: Platform) -> None:
    assert all(not TRANSITIONS[state] for state in FINISHED)
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:give", executor="two-threads"))
    assert job.cancel().state == "completed"


def test_p17_an_exception_fails_the_job_and_its_words_reach_the_parent(workshop: Platform) -> None:
    job = workshop.background_jobs.map("work_jobs:fail", [["MyError"]], executor="two-threads")
    [job] = finished(workshop, job)
    [child] = job.children()
    assert (child.state, child.reason) == ("failed", "ValueError: MyError")
    assert job.state == "failed"
    assert "ValueError: MyError" in str(job.reason)


def test_p18_what_is_written_to_stderr_fails_nothing(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:say_in_every_stream", executor="two-threads")
    [job] = finished(workshop, job)
    assert (job.state, data(job, streams=["stderr"])) == ("completed", ["five\n"])


def test_p19_one_failed_child_fails_the_parent_and_the_others_keep_their_data(workshop: Platform) -> None:
    job = workshop.background_jobs.map("work_jobs:double", [1, -1, 2], executor="two-threads")
    [job] = finished(workshop, job)
    assert (job.state, job.child_counts) == ("failed", {"completed": 2, "failed": 1})
    assert sorted(data(job, streams=["output"])) == [1, 2, 2, 4]


def test_p20_a_parent_runs_from_its_start_even_while_its_children_are_queued(platform: Platform) -> None:
    job = platform.background_jobs.map("work_jobs:double", [1, 2])
    assert (job.state, job.child_counts) == ("running", {"queued": 2})


def test_p21_stopping_a_parent_stops_children_that_are_still_queued(platform: Platform, tmp_path: Path) -> None:
    job = platform.background_jobs.map("work_jobs:note", [[str(tmp_path)], [str(tmp_path)]], executor="two-threads")
    job.cancel()
    with platform.engine():
        finished(platform, job, *job.children())
    assert [child.state for child in job.children()] == ["cancelled", "cancelled"]
    assert not list(tmp_path.glob("ran-*")), "neither ever ran"


def test_p22_a_worker_that_dies_fails_its_job(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:die", executor="five-processes"))
    assert job.state == "failed"
    assert "the worker process died" in str(job.reason)
    assert [error["type"] for error in data(job, streams=["error"])] == ["WorkerDied"]


def test_a_start_that_cannot_be_makes_no_job(platform: Platform) -> None:
    wrong: list[tuple[str, list[Any], type[Exception]]] = [
        ("work_jobs:double", ["one"], BadParameters),
        ("work_jobs:doble", [1], UnknownMethod),
    ]
    for method, parameters, error in wrong:
        with pytest.raises(error):
            platform.background_jobs.start(method, parameters)
    assert platform.background_jobs.list() == []


def test_p3_ids_are_unique_everywhere(platform: Platform) -> None:
    job = platform.background_jobs.map("work_jobs:double", [1])
    ids = {job.id, job.children()[0].id}
    assert len(ids) == 2
    assert {str(uuid.UUID(each)) for each in ids} == ids
