"""Which definitions a plan has to look at where the applied configuration is known."""

from __future__ import annotations

from dataclasses import replace

from rota.model.definition import Configuration, Definition
from rota.plan.narrow import differing


def shop(*definitions: Definition, **values: object) -> Configuration:
    return replace(Configuration(name="shop", definitions=definitions), **values)  # type: ignore[arg-type]


def job(name: str, **values: object) -> Definition:
    return Definition(**({"name": name, "method": "m:f"} | values))  # type: ignore[arg-type]


def test_what_is_new_changed_or_gone_differs() -> None:
    before = shop(job("same"), job("changes"), job("goes"))
    after = shop(job("same"), job("changes", key="k"), job("comes"))
    assert differing(after, before) == {"changes", "goes", "comes"}
    assert differing(before, before) == set()


def test_a_renamed_one_differs_under_both_names() -> None:
    assert differing(shop(job("new", renamed_from="old")), shop(job("old"))) == {"new", "old"}


def test_another_header_or_no_job_at_all_asks_for_everything() -> None:
    before = shop(job("a"))
    assert differing(shop(job("a"), description="other"), before) is None
    assert differing(shop(), before) is None
