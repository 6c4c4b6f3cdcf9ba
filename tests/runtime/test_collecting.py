"""Garbage is collected seldom while a command starts, and as usual afterwards."""

from __future__ import annotations

import gc

from rota.runtime.collecting import collect_as_usual, collect_seldom


def test_an_engine_collects_as_every_program_does_but_not_what_was_there_before() -> None:
    usual = gc.get_threshold()
    collect_seldom()
    assert gc.get_threshold()[0] > usual[0]
    try:
        collect_as_usual()
        assert gc.get_threshold() == usual
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
