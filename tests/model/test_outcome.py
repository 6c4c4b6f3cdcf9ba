"""What went wrong, as data."""

from __future__ import annotations

import pytest

from rota.model.outcome import ErrorInfo


@pytest.mark.parametrize(("message", "text"), [("no bank today", "ValueError: no bank today"), ("", "ValueError")])
def test_its_text_names_the_type(message: str, text: str) -> None:
    assert str(ErrorInfo(type="ValueError", message=message)) == text


@pytest.mark.parametrize("traceback", [None, "Traceback:\n  no"])
def test_what_is_stored_comes_back(traceback: str | None) -> None:
    error = ErrorInfo(type="ValueError", message="no", traceback=traceback)
    assert ErrorInfo.from_data(error.to_data()) == error


@pytest.mark.parametrize("data", [None, {}])
def test_nothing_stored_is_no_error(data: dict[str, str] | None) -> None:
    assert ErrorInfo.from_data(data) is None
