"""JSON: the one text of equal data, and what stands for values that it does not know."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import msgspec
import pytest

from rota.model.values import canonical, form_in_json


def test_equal_data_have_one_text() -> None:
    data = {"b": [1, 2.5, None], "a": {"ü": "€", "x": True}}
    backwards = {"a": {"x": True, "ü": "€"}, "b": [1, 2.5, None]}
    assert canonical(data) == canonical(backwards) == '{"a":{"x":true,"ü":"€"},"b":[1,2.5,null]}'.encode()


class Model:
    """Gives its JSON as a model of pydantic does."""

    def model_dump(self, *, mode: str) -> dict[str, str]:
        return {"mode": mode}


@pytest.mark.parametrize(
    ("value", "data"),
    [(Path("/srv/a"), "/srv/a"), (PurePosixPath("b"), "b"), (Model(), {"mode": "json"})],
)
def test_what_stands_for_a_value(value: object, data: object) -> None:
    assert form_in_json(value) == data
    assert msgspec.json.decode(msgspec.json.encode([value], enc_hook=form_in_json)) == [data]


def test_nothing_stands_for_any_other_value() -> None:
    with pytest.raises(TypeError, match="a value of type object has no form in JSON"):
        form_in_json(object())
