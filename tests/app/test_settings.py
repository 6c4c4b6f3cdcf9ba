"""Where settings come from, and which wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.app.settings import Settings, plan_key, read_settings, state_folder, wants_no_colour, wants_traceback
from rota.model.errors import UsageError


def read(folder: Path, flags: dict[str, str | None] | None = None, **environment: str) -> Settings:
    return read_settings(flags, environment, folder)


def test_flag_before_environment_before_project_before_default(tmp_path: Path) -> None:
    assert read(tmp_path) == Settings(database="sqlite:///rota.db", user="administrator")
    (tmp_path / "pyproject.toml").write_text('[tool.rota]\ndatabase = "sqlite:///project.db"\n')
    assert read(tmp_path).database == "sqlite:///project.db"
    assert read(tmp_path, ROTA_DATABASE="sqlite:///env.db").database == "sqlite:///env.db"
    flags = {"database": "sqlite:///flag.db", "user": None, "format": "json"}
    settings = read(tmp_path, flags, ROTA_DATABASE="sqlite:///env.db", ROTA_USER="bob")
    assert settings == Settings(database="sqlite:///flag.db", user="bob")


def test_an_empty_setting_is_no_wish_for_another_database(tmp_path: Path) -> None:
    for variable in ("ROTA_DATABASE", "ROTA_USER"):
        with pytest.raises(UsageError, match=f"{variable} is given and empty"):
            read(tmp_path, None, **{variable: ""})
    with pytest.raises(UsageError, match="--database is given and empty"):
        read(tmp_path, {"database": ""}, ROTA_DATABASE="sqlite:///env.db")
    assert read(tmp_path, {"user": "ann"}, ROTA_USER="").user == "ann"
    (tmp_path / "pyproject.toml").write_text('[tool.rota]\nuser = ""\n')
    with pytest.raises(UsageError, match=r"\[tool.rota\] user is given and empty"):
        read(tmp_path)


def test_a_project_without_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert read(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.rota", "cannot be read"),
        ("[tool.rota]\ndatbase = 'x'", r"\[tool.rota\] has no setting 'datbase'; it has database, user"),
        ("[tool.rota]\nuser = 1", r"\[tool.rota\] user must be a string"),
        ("[tool]\nrota = 1", r"\[tool.rota\] must be a table"),
        ("tool = 1", r"\[tool.rota\] must be a table"),
    ],
)
def test_a_bad_project_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=words):
        read(tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path)


def test_switches_are_on_when_set_to_anything() -> None:
    assert not wants_no_colour({})
    assert not wants_no_colour({"NO_COLOR": ""})
    assert wants_no_colour({"NO_COLOR": "0"})
    assert wants_no_colour({"TERM": "dumb"})
    assert not wants_no_colour({"TERM": "xterm"})
    assert wants_traceback({"ROTA_TRACEBACK": "1"})
    assert not wants_traceback({})


def test_where_a_user_keeps_what_programs_have_to_remember(tmp_path: Path) -> None:
    assert state_folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "rota"
    assert state_folder({"XDG_STATE_HOME": ""}) == Path.home() / ".local" / "state" / "rota"


def test_the_key_of_a_pipelines_plans() -> None:
    assert plan_key({"ROTA_PLAN_KEY": "secret"}) == "secret"
    assert plan_key({"ROTA_PLAN_KEY": ""}) is None
    assert plan_key({}) is None
