"""Identifiers."""

from __future__ import annotations

from uuid import UUID

from rota.model.ids import new_id


def test_an_id_is_a_random_uuid_in_its_canonical_form() -> None:
    for text in (new_id() for _ in range(1000)):
        uuid = UUID(text)
        assert str(uuid) == text
        assert (uuid.version, uuid.variant) == (4, "specified in RFC 4122")


def test_no_two_are_equal() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000
