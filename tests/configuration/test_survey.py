"""Which files count, and in which folders a change of them shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rota.configuration.survey import survey

Write = Callable[[str, str], Path]


def names(files: dict[str, tuple[int, ...]], folder: Path) -> list[str]:
    return sorted(str(Path(file).relative_to(folder)) for file in files)


def test_yaml_at_any_depth_and_python_in_packages(write: Write, tmp_path: Path) -> None:
    for name in ("rota.yaml", "more/a.yml", ".git/b.yaml", "not-a-package/c.yaml", "environments/prod.yaml"):
        write(f"shop/{name}", "")
    for name in ("a.py", "pkg/b.py", "pkg/deep/c.py", "not-a-package/d.py", ".hidden/e.py", "__pycache__/f.py"):
        write(f"code/{name}", "")
    write("code/venv/pyvenv.cfg", "")
    write("code/venv/lib/g.py", "")
    seen = survey([tmp_path / "shop"], [str(tmp_path / "code")])
    assert names(seen.configuration, tmp_path / "shop") == [
        "environments/prod.yaml",
        "more/a.yml",
        "not-a-package/c.yaml",
        "rota.yaml",
    ]
    assert names(seen.code, tmp_path / "code") == ["a.py", "pkg/b.py", "pkg/deep/c.py"]
    assert {str(tmp_path), str(tmp_path / "shop" / "more"), str(tmp_path / "code" / "pkg")} <= seen.folders


def test_a_changed_file_is_another_one(write: Write, tmp_path: Path) -> None:
    file = write("rota.yaml", "a")
    before = survey([tmp_path])
    assert survey([tmp_path]) == before
    file.write_text("ab")
    assert survey([tmp_path]) != before


def test_what_is_missing_would_appear_in_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    seen = survey([tmp_path / "gone" / "deep"])
    assert seen.folders == {str(tmp_path)}


def test_links_lead_to_the_folders_in_which_their_targets_change(write: Write, tmp_path: Path) -> None:
    write("target/common/a.yaml", "")
    write("single/b.yaml", "")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "common").symlink_to("../target/common")
    (tmp_path / "shop" / "b.yaml").symlink_to("../single/b.yaml")
    (tmp_path / "shop" / "up").symlink_to("..")
    (tmp_path / "shop" / "broken.yaml").symlink_to("nowhere.yaml")
    seen = survey([tmp_path / "shop"])
    assert {str(tmp_path / "target" / "common"), str(tmp_path / "single")} <= seen.folders
    assert seen.configuration[str(tmp_path / "shop" / "broken.yaml")] == ()
