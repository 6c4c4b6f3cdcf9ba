"""The codes of problems: each is used, and no other is."""

from __future__ import annotations

from pathlib import Path

from rota.configuration.codes import Code

FOLDER = Path(__file__).parents[1] / "bad_configurations"

MADE_BY_OTHER_TESTS = {
    Code.FILE_UNREADABLE,  # test_source
    Code.FILE_TOO_LARGE,  # test_source
    Code.TOO_MANY,  # test_parse, test_schema
    Code.SCHEMA,  # test_wording
    Code.VARIABLE_SIZE,  # test_variables
    Code.VARIABLE_ENCODING,  # test_variables
    Code.VARIABLE_UNUSED,  # test_load
}


def codes_of_the_bad_configurations() -> set[str]:
    lines = [line for path in FOLDER.glob("*.expected") for line in path.read_text("utf-8").splitlines()]
    return {line.split()[1] for line in lines if line.startswith(("error ", "warning "))}


def test_every_code_has_its_bad_configuration() -> None:
    own = {code for code in codes_of_the_bad_configurations() if not code.startswith("schedule.")}
    assert own == set(Code) - MADE_BY_OTHER_TESTS


def test_codes_are_named_after_their_depth() -> None:
    depths = {"file", "yaml", "variable", "overlay", "schema", "semantics", "code"}
    assert {code.partition(".")[0] for code in Code} == depths
