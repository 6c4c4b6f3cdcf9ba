"""Where a configuration's files come from: asked of git, where there is one, when they are applied."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rota.model.revision import Origin
from rota.runtime.processes import DEVNULL, PIPE, TimeoutExpired, start_process

TIME_LIMIT = 10.0
"""Seconds: an update does not wait longer for a repository on a slow disk."""

_MATTERS = (b".yaml", b".yml", b".py")
"""Files that git does not know count if they end so: a database or a log beside them changes nothing."""

_STATUS = ("git", "status", "--porcelain=v2", "--branch", "--untracked-files=all", "-z")
# A hook of git runs with these set, for another folder than ours perhaps.
_SET_BY_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


def origin_of(source: str) -> Origin:
    """The commit that `source`, a file or folder, is checked out from, and whether its working tree is clean.

    Without git, outside a repository, and before its first commit nothing is known.
    """
    path = Path(os.fsdecode(source))
    status = _run(path if path.is_dir() else path.parent)
    facts = status.split(b"\0")
    commit = next((fact.removeprefix(_OID).decode() for fact in facts if fact.startswith(_OID)), None)
    if commit is None or commit == "(initial)":
        return Origin()
    return Origin(commit=commit, clean=not any(_is_change(fact) for fact in facts))


_OID = b"# branch.oid "


def _is_change(fact: bytes) -> bool:
    if fact.startswith(b"? "):
        return fact.endswith(_MATTERS)
    return fact[:2] in {b"1 ", b"2 ", b"u "}


def _run(folder: Path) -> bytes:
    """What git says of the folder's working tree; nothing where it fails."""
    unset = [part for name in _SET_BY_HOOKS for part in ("-u", name)]
    # Somebody else may be at work in the tree: asking takes no lock.
    command = ["env", *unset, "GIT_OPTIONAL_LOCKS=0", *_STATUS]
    with suppress(OSError):
        with start_process(command, directory=folder, stdout=PIPE, stderr=DEVNULL) as process:
            try:
                said, _ = process.communicate(timeout=TIME_LIMIT)
            except TimeoutExpired:
                process.kill()
                return b""
        return said if process.returncode == 0 else b""
    return b""
