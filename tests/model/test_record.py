"""What a job emitted, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from rota.model.record import Record, Stream

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def test_the_json_form_has_every_field() -> None:
    record = Record(job="j", attempt=1, number=3, stream=Stream.OUTPUT, at=NOW, data={"rows": [1]})
    assert record.to_data() == {
        "job": "j",
        "attempt": 1,
        "number": 3,
        "stream": "output",
        "at": NOW,
        "data": {"rows": [1]},
    }
