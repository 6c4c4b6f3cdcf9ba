"""Starting processes: environment, sessions, and Python modules that find what this process finds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rota.runtime.processes import PIPE, python_module, start_process


def run(argv: list[str], **options: object) -> str:
    with start_process(argv, stdout=PIPE, **options) as process:  # type: ignore[arg-type]
        output, _ = process.communicate(timeout=60)
    return output.decode()


def test_environment_is_added_to_the_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTA_TEST_INHERITED", "inherited")
    output = run(["sh", "-c", "echo $ROTA_TEST_INHERITED $ROTA_TEST_ADDED"], environment={"ROTA_TEST_ADDED": "added"})
    assert output.split() == ["inherited", "added"]


@pytest.mark.parametrize("new_session", [True, False])
def test_a_process_leads_its_own_group_if_asked(new_session: bool) -> None:
    code = "import os; print(os.getpid(), os.getpgid(0), os.getsid(0))"
    pid, group, session = run([sys.executable, "-c", code], new_session=new_session).split()
    assert (pid == group == session) is new_session
    assert (group == str(os.getpgid(0))) is not new_session


def test_directory_and_arguments_are_taken_literally(tmp_path: Path) -> None:
    assert run(["sh", "-c", 'pwd; echo "$1"', "sh", "$HOME; *"], directory=tmp_path).splitlines() == [
        str(tmp_path.resolve()),
        "$HOME; *",
    ]


def test_only_named_descriptors_are_passed_on() -> None:
    read, write = os.pipe()
    try:
        code = f"import os; os.write({write}, b'x')"
        with start_process([sys.executable, "-c", code], pass_fds=[write]) as process:
            assert process.wait(timeout=60) == 0
        assert os.read(read, 1) == b"x"
        with start_process([sys.executable, "-c", code], stderr=PIPE) as process:
            assert b"Bad file descriptor" in process.communicate(timeout=60)[1]
    finally:
        os.close(read)
        os.close(write)


def test_a_module_process_finds_what_this_process_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shown.py").write_text("import sys\nprint(__name__, sys.argv[1:])\n")
    (tmp_path / "json.py").write_text("raise SystemExit('shadows the standard library')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    output = run(python_module("shown", "one", "--two"), directory=tmp_path)
    assert output.strip() == "__main__ ['one', '--two']"


def test_a_program_that_is_not_there_raises() -> None:
    with pytest.raises(FileNotFoundError):
        start_process(["no-such-program-anywhere"])
