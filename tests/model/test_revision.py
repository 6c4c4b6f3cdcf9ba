"""A revision, as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from rota.model.revision import NO_ORIGIN, Origin, Revision

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def revision(origin: Origin) -> Revision:
    return Revision(
        configuration="shop",
        number=2,
        digest="d",
        applied_at=NOW,
        applied_by="ann",
        source="shop/jobs.yaml",
        origin=origin,
        summary={"create": 1},
    )


def test_the_json_form_tells_the_origin_beside_the_rest() -> None:
    assert revision(Origin(commit="c0ffee", clean=False, restores=1)).to_data() == {
        "configuration": "shop",
        "revision": 2,
        "digest": "d",
        "applied_at": NOW,
        "applied_by": "ann",
        "source": "shop/jobs.yaml",
        "commit": "c0ffee",
        "clean": False,
        "restores": 1,
        "summary": {"create": 1},
    }


def test_where_nothing_is_known_of_the_origin_its_fields_are_there_all_the_same() -> None:
    data = revision(NO_ORIGIN).to_data()
    assert (data["commit"], data["clean"], data["restores"]) == (None, None, None)
