"""A program with its arguments, as data."""

from __future__ import annotations

import pytest

from rota.model.command import Command


@pytest.mark.parametrize(
    "command",
    [
        Command(argv=("sh", "-c", "echo 'a b'")),
        Command(argv=("x",), environment={"A": "1"}, working_directory="/srv", ok_exit_codes=(0, 3)),
    ],
)
def test_what_is_stored_comes_back(command: Command) -> None:
    assert Command.from_data(command.to_data()) == command


def test_a_job_that_is_a_method_has_none() -> None:
    assert Command.from_data(None) is None


def test_its_text_is_its_arguments() -> None:
    assert str(Command(argv=("rsync", "-a", "from", "to"))) == "rsync -a from to"
