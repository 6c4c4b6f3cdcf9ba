"""Saved plans as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.app import plan_files
from rota.model.errors import UsageError
from rota.plan import Allowed
from rota.plan.saved import SavedPlans

NOTHING = SavedPlans(allowed=Allowed(), plans=[])


def test_a_file_is_replaced_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("old")
    plan_files.write(file, NOTHING)
    assert plan_files.read(file) == NOTHING
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_or_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--out .*nowhere/plan: cannot be written: No such file"):
        plan_files.write(tmp_path / "nowhere" / "plan", NOTHING)
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"--out .*folder: cannot be written: Is a directory"):
        plan_files.write(tmp_path / "folder", NOTHING)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(UsageError, match=r"--plan .*plan: cannot be read: No such file"):
        plan_files.read(tmp_path / "plan")
    (tmp_path / "plan").write_bytes(b"configuration shop (new)\n")
    with pytest.raises(UsageError, match=r"this version of `rota plan --out` did not write it"):
        plan_files.read(tmp_path / "plan")
