"""Plans as the text of a comment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rota.cli import markdown
from rota.model.definition import Definition
from rota.model.values import Json
from rota.plan import Plan
from rota.plan.operations import ChangeDefinition, ChangeHeader, CreateDefinition, DeleteDefinition
from rota.plan.plan import Reason, Refusal
from rota.schedule import Schedule

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
DAILY = Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"})


def plan(*operations: Any, revision: int = 3, **more: Any) -> Plan:
    facts: dict[str, Any] = {"configuration": "shop", "digest": "new", "from_digest": "old", "unchanged": 1, **more}
    return Plan(from_revision=revision, operations=operations, **facts)


def test_a_plan_as_a_comment() -> None:
    old: Json = {"timezone": "UTC", "days_repeat_period": 1}
    rates = Definition(name="rates", method="m:f", schedule=DAILY)
    changed: dict[str, tuple[Json, Json]] = {"schedule": (old, DAILY.to_data()), "use": (True, False)}
    operations = (
        ChangeDefinition(id=2, old_name="load", definition=rates, changed=changed, hidden_by_override=("use",)),
        CreateDefinition(definition=Definition(name="hello", command=("echo", "hello"))),
        DeleteDefinition(id=1, name="old", properties={"method": "a:b"}),
    )
    made = plan(*operations, warnings=("look here",), refusals=(Refusal(Reason.EMPTY, "not like this"),))
    assert markdown.text([made], NOW).splitlines() == [
        "<!-- rota plan -->",
        "### Configuration `shop` (from revision 3)",
        "",
        "1 to create, 1 to rename, 1 to delete; 1 unchanged",
        "",
        "- \N{NO ENTRY SIGN} **refused**: `not like this`",
        "- \N{WARNING SIGN} **warning**: `look here`",
        "- `>` **rename** definition `rates`, was `load`",
        "  - schedule: `Every day at 00:00 (UTC)` → `Every day at 06:00 (UTC)`",
        "  - next: `Sun 2026-03-29 06:00:00, Mon 2026-03-30 06:00:00, Tue 2026-03-31 06:00:00 (UTC)`",
        "  - use: `true` → `false` (hidden by an override)",
        "- `+` **create** definition `hello`",
        '  - command: `["echo", "hello"]`',
        "- `-` **delete** definition `old`",
    ]


def test_several_plans_are_one_comment() -> None:
    new = plan(ChangeHeader(name="shop", changed={"timezone": (None, "UTC")}, new=True), revision=0)
    lines = markdown.text([new, plan(configuration="depot")], NOW).splitlines()
    assert [line for line in lines if line.startswith(("<!--", "###"))] == [
        "<!-- rota plan -->",
        "### Configuration `shop` (new)",
        "### Configuration `depot` (from revision 3)",
    ]
    assert lines[-2] == "no changes to 1 definition"
    assert "timezone" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "`plain`"),
        ("<b>@all</b> [x](y) | *z*", "`<b>@all</b> [x](y) | *z*`"),
        ("a `b` c", "``a `b` c``"),
        ("``x", "``` ``x ```"),
        ("two\nlines\n\n# heading", "`two lines # heading`"),
    ],
)
def test_no_value_gets_out_of_its_code_span(value: str, expected: str) -> None:
    assert markdown.code(value) == expected


def test_a_comment_is_no_longer_than_a_forge_takes() -> None:
    operations = [CreateDefinition(definition=Definition(name=f"job-{n}", method="m:f")) for n in range(5000)]
    text = markdown.text([plan(*operations)], NOW)
    assert 50_000 < len(text) < 65_536
    assert text.splitlines()[-1].endswith("lines more: `rota plan` shows all of it.")
    assert "5000 to create" in text
