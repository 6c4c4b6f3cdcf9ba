"""Commands that collect no garbage while they run."""

from __future__ import annotations

import gc

import pytest

from rota.cli.collection import without_collection


def test_no_garbage_is_collected_while_the_command_runs() -> None:
    @without_collection
    def command(name: str, *, code: bool) -> None:
        assert (name, code, gc.isenabled()) == ("shop", True, False)

    command("shop", code=True)
    assert gc.isenabled()


def test_it_is_again_after_a_command_that_failed() -> None:
    @without_collection
    def command() -> None:
        raise ValueError("no such file")

    with pytest.raises(ValueError, match="no such file"):
        command()
    assert gc.isenabled()
