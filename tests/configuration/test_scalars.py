"""The core schema of YAML 1.2, value by value."""

from __future__ import annotations

import pytest

from rota.configuration.scalars import TagError, core_value, tagged_value


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null(text: str) -> None:
    assert core_value(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False)],
)
def test_booleans(text: str, value: bool) -> None:
    assert core_value(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("-12", -12),
        ("0777", 777),
        ("0o17", 15),
        ("0xfF", 255),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_integers(text: str, value: int) -> None:
    assert core_value(text) == value
    assert type(core_value(text)) is int


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), ("-.5", -0.5), ("1.", 1.0), ("1e3", 1000.0), ("+1.5E-2", 0.015), ("12e03", 12000.0)],
)
def test_floats(text: str, value: float) -> None:
    assert core_value(text) == value
    assert type(core_value(text)) is float


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "no", "on", "off", "y", "n", "Yes", "NO", "tRUE", "nULL"),
        *("12:30", "06:00", "1:2:3", "2026-01-01", "2026-01-01T00:00:00Z"),
        *("1_000", "0b11", "0o8", "0xg", "-0x1", "+0o7", "1.2.3", "1e", "e3", ".", "-", "+", "..", "--1", "1-2"),
        *("inf", "nan", ".infinity", "<<", "=", "rates", "١٢"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert core_value(text) == text


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999", "9223372036854775808", "0x" + "f" * 17, "9" * 5000]
)
def test_numbers_that_json_cannot_carry_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"finite|64 bits|too large") as caught:
        core_value(text)
    assert len(str(caught.value)) < 80


@pytest.mark.parametrize(
    ("tag", "text", "value"), [("str", "12", "12"), ("int", "0x10", 16), ("float", "1", 1.0), ("null", "~", None)]
)
def test_tags_of_the_core_schema(tag: str, text: str, value: object) -> None:
    result = tagged_value(text, f"tag:yaml.org,2002:{tag}")
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(("tag", "text"), [("int", "1.5"), ("bool", "yes"), ("null", "0"), ("float", "x")])
def test_a_value_must_fit_its_tag(tag: str, text: str) -> None:
    with pytest.raises(TagError, match=f"{text} is not a value of !!{tag}"):
        tagged_value(text, f"tag:yaml.org,2002:{tag}")


@pytest.mark.parametrize("tag", ["!custom", "tag:yaml.org,2002:python/object:os.system", "tag:yaml.org,2002:timestamp"])
def test_other_tags_are_refused(tag: str) -> None:
    with pytest.raises(TagError, match="is not supported"):
        tagged_value("x", tag)
