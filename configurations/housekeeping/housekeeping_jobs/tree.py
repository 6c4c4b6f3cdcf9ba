"""Notice what changed in a tree of files."""

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path

from .files import replacing

log = logging.getLogger(__name__)

Hashes = dict[str, str]


def report_changes(path: str, state: str = "var/tree.json") -> Iterator[dict[str, str]]:
    """Hand out each file below `path` that was added, changed or removed since the last run.

    What this run saw is kept in the file `state`, and only once everything was handed out: a run that fails half-way
    reports the same again. The first run reports every file as added.
    """
    root, seen = Path(path), Path(state)
    before: Hashes = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {}
    now = hash_tree(root)
    changes = list(compare(before, now))
    yield from changes
    with replacing(seen) as draft:
        draft.write_text(json.dumps(now, indent=1, sort_keys=True), encoding="utf-8")
    log.info("%d files below %s, %d changes", len(now), root, len(changes))


def hash_tree(root: Path) -> Hashes:
    """The SHA-256 of every regular file below `root`, by its path below it. Links are not followed."""
    if not root.is_dir():
        raise NotADirectoryError(f"there is no folder {root}")
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(root).as_posix(): _hash(path) for path in files}


def compare(before: Hashes, now: Hashes) -> Iterator[dict[str, str]]:
    """The differences, in the order of the paths."""
    for file in sorted(before.keys() | now.keys()):
        if file not in before:
            yield {"file": file, "change": "added"}
        elif file not in now:
            yield {"file": file, "change": "removed"}
        elif before[file] != now[file]:
            yield {"file": file, "change": "changed"}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
