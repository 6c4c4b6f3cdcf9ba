"""`rota dev` and `rota run --watch`: what is saved takes effect while the engine runs."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.support.shop import Shop
from tests.support.starts import require_every_second

EVERY_SECOND = "{days_repeat_period: 1, repeat_period_in_day: 1s}"
CALL = "import pathlib, time\n\ndef tell():\n    print('VERSION')\n"


def tick(executor: str, **more: str) -> str:
    others = "".join(f"  {name}: {{method: 'shop_jobs:tell', use: false, key: {key}}}\n" for name, key in more.items())
    return f"  tick: {{method: 'shop_jobs:tell', executor: {executor}, schedule: {EVERY_SECOND}}}\n{others}"


def test_an_edit_takes_effect_before_ones_eyes(shop: Shop) -> None:
    shop.code(CALL.replace("VERSION", "version 1"))
    shop.jobs(tick("process") + "  broken: {colour: red}\n")
    with shop.running("dev", "shop") as dev:
        dev.wait_for("unknown key")
        dev.wait_for("^")
        dev.wait_for("following shop")
        shop.jobs(tick("process"))
        dev.wait_for("applied as revision 1")
        dev.wait_for("version 1")
        shop.code(CALL.replace("VERSION", "version 2"))
        dev.wait_for("new code")
        dev.wait_for("version 2")
        shop.jobs(tick("process", other="k"))
        dev.wait_for("applied as revision 2")
        dev.wait_for("+ definition other")
        dev.signal(signal.SIGINT)
        assert dev.end() == 0


def test_a_running_job_finishes_on_the_old_code(shop: Shop, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    code = (
        "import pathlib, time\n\ndef wait():\n    print('begun')\n"
        f"    while not pathlib.Path('{gate}').exists():\n        time.sleep(0.02)\n    print(say())\n\n"
        "def say():\n    return 'VERSION'\n"
    )
    shop.code(code.replace("VERSION", "version 1"))
    names = ("process", "thread")
    shop.jobs("".join(f"  {name}: {{method: 'shop_jobs:wait', executor: {name}, use: false}}\n" for name in names))
    with shop.running("run", "shop", "--watch") as run:
        run.wait_for("running as")
        for name in names:
            shop.rota("scheduled", "start", name)
            run.wait_for("begun")
        shop.code(code.replace("VERSION", "version 2"))
        run.wait_for("new code")
        gate.touch()
        for _ in names:
            run.wait_for("version 1")
        for name in names:
            shop.rota("scheduled", "start", name)
            run.wait_for("version 2")


def test_bursts_of_saves_neither_lose_nor_repeat_a_start(any_shop: Shop) -> None:
    """The due job itself changes with each save, so does its code, and some saves are wrong."""
    shop = any_shop
    shop.code(CALL)
    shop.jobs(tick("thread", other="k0"))
    with shop.running("run", "shop", "--watch") as run:
        for burst in range(1, 5):
            run.wait_for("tick                  completed")
            for save in range(20):
                shop.jobs(
                    tick("thread", other=f"k{burst}-{save}").replace("executor:", f"timeout: {60 + save}, executor:")
                )
                shop.code(CALL.replace("VERSION", f"version {burst}-{save}"))
            shop.jobs("  tick: [\n")
            run.wait_for("not applied")
            shop.jobs(tick("thread", other=f"k{burst}"))
            run.wait_for(f"k{burst}")
        run.wait_for("tick                  completed")
        run.signal(signal.SIGTERM)
        assert run.end() == 0
    runs = [job for job in shop.job_list() if job["name"] == "tick"]
    assert {job["state"] for job in runs} == {"completed"}
    moments = [(job["nominal_start"], job["begin_at"]) for job in runs]
    assert len(moments) >= 5
    require_every_second(moments)


def test_an_engine_without_watch_picks_up_an_apply_made_elsewhere(shop: Shop) -> None:
    shop.code(CALL)
    with shop.running("run", "--no-apply") as run:
        run.wait_for("running as")
        shop.jobs(tick("thread"))
        shop.rota("apply", "shop")
        run.wait_for("tick                  completed")
        shop.jobs("  later: {method: 'shop_jobs:tell', executor: thread, schedule: " + EVERY_SECOND + "}\n")
        shop.rota("apply", "shop")
        run.wait_for("later                 completed")


def test_what_a_reload_says_as_json(shop: Shop) -> None:
    shop.jobs("  a: {command: [echo], use: false}\n")
    with shop.running("run", "shop", "--watch", "--poll", "--format", "json") as run:
        followed = json.loads(run.wait_for("files.followed"))
        assert (followed["facts"]["events"], followed["facts"]["every"]) == (False, 0.5)
        shop.jobs("  a: {command: [echo], use: false, key: k}\n")
        applied = json.loads(run.wait_for('"revision":2'))
        assert applied["facts"]["plan"]["changes"][0]["properties"] == {"key": {"from": None, "to": "k"}}
        shop.jobs("  a: {command: [echo], use: perhaps}\n")
        refused = json.loads(run.wait_for("configuration.refused"))
        assert [problem["line"] for problem in refused["facts"]["problems"]] == [4]


def test_to_watch_and_to_apply_nothing_do_not_go_together(shop: Shop) -> None:
    shop.rota("run", "--watch", "--no-apply", code=2)
    assert "name the configuration" in shop.rota("dev", code=2).stderr


def test_run_does_not_begin_with_an_invalid_configuration(shop: Shop) -> None:
    shop.jobs("  a: {colour: red}\n")
    assert "unknown key" in shop.rota("run", "shop", "--watch", code=1).stderr


def test_it_stops_once_idle_where_that_is_asked_for(shop: Shop) -> None:
    shop.jobs("  a: {command: [echo], use: false}\n")
    assert "following shop" in shop.rota("run", "shop", "--watch", "--until-idle").stderr
