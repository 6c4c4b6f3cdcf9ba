"""What `rota run` applies before it runs."""

from __future__ import annotations

import json

from tests.support.shop import Shop


def test_the_folder_configurations_is_meant_where_none_is_named(shop: Shop) -> None:
    (shop.folder / "shop").rename(shop.folder / "configurations")
    assert "applied as revision 1" in shop.rota("run", "--until-idle").stderr
    assert "nothing to do" in shop.rota("run", "--until-idle").stderr
    assert "configuration shop" not in shop.rota("run", "--no-apply", "--until-idle").stderr


def test_what_was_applied_before_is_run_where_there_is_nothing_to_apply(shop: Shop) -> None:
    shop.rota("apply", "shop")
    assert "configuration shop" not in shop.rota("run", "--until-idle").stderr


def test_what_happens_as_json(shop: Shop) -> None:
    shop.rota("apply", "shop")
    events = [json.loads(line) for line in shop.rota("run", "--until-idle", "--format", "json").stderr.splitlines()]
    assert [event["event"] for event in events] == ["engine.started", "engine.stopping", "engine.stopped"]
    assert events[0]["text"] == f"running as {events[0]['facts']['node']}"
