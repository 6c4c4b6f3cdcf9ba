"""Every code is explained, in the page and by the command, and the examples of the page are what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rota.configuration.codes import Code
from rota.configuration.explanations import explanations
from rota.configuration.load import load
from rota.configuration.variables import Variables
from rota.schedule.advice import Advice
from tests.support.command_line import ROOT

PLATFORM = ROOT / "platform" / "rota"
HEADER = "configuration: {name: shop, modules: [shop_jobs], path: []}\n"


def codes_of_schedules_and_imports() -> set[str]:
    """Those that stand as text in the code of two other rooms."""
    text = "".join(
        path.read_text("utf-8") for room in ("schedule", "importers") for path in (PLATFORM / room).glob("*.py")
    )
    return set(re.findall(r'"((?:schedule|import)\.[a-z-]+)"', text))


def test_every_code_is_explained_and_no_other() -> None:
    assert set(explanations()) == {*Code, *Advice, *codes_of_schedules_and_imports()}
    assert all(len(text) > 20 for text in explanations().values())


EXAMPLES = {
    code: re.sub("^    ", "", text[text.index("\n    ") + 1 :], flags=re.MULTILINE)
    for code, text in explanations().items()
    if "\n    " in text
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_has_the_problem_that_it_explains(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    header = "" if example.startswith("configuration") else HEADER
    (tmp_path / "rota.yaml").write_text(f"rota: 1\n{header}{example}")
    (loaded,) = load([tmp_path], variables=Variables({}), code=False)
    assert {problem.code for problem in loaded.problems} == {code}
