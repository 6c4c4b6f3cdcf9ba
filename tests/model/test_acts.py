"""Acts, as rights and the audit log name them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rota.model.acts import Act, Audited

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_every_name_says_what_is_done_to_what() -> None:
    assert [act for act in Act if not re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", act)] == []


def test_the_json_form_has_every_field() -> None:
    audited = Audited(at=NOW, user="ann", act=Act.LOCK_TAKE, subject="jobs", reason="a new disk", facts={"until": None})
    assert audited.to_data() == {
        "at": NOW,
        "user": "ann",
        "act": "lock.take",
        "subject": "jobs",
        "reason": "a new disk",
        "facts": {"until": None},
    }
