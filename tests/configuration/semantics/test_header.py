"""Headers that are right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.model.problem import Problem


@pytest.mark.parametrize(
    "header",
    [
        "timezone: UTC",
        "timezone: America/Argentina/Buenos_Aires",
        "executors: {process: {kind: process, workers: 1}, thread: {kind: thread}, command: {kind: command}}",
        "executors: {mine: {kind: command}}, defaults: {executor: mine}",
        "defaults: {executor: thread, retry: {count: 1}, timeout: 1h, user: anna, priority: -3}",
        "defaults: {}, retention: {}, executors: {}",
        "retention: {age: 0, count: 0}",
        "modules: [a, a.b, _private]",
    ],
)
def test_right_headers(check: Callable[[str, str], list[Problem]], header: str) -> None:
    assert check("", f"rota: 1\nconfiguration: {{name: a, {header}}}\n") == []
