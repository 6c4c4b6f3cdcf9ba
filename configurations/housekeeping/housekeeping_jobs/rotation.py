"""Keep a folder of backups in order: the newest as they are, older ones compressed, the oldest deleted."""

import gzip
import logging
import re
import shutil
from collections import defaultdict
from pathlib import Path

from .files import replacing

log = logging.getLogger(__name__)

_BACKUP = re.compile(r"(?P<database>.+)-(?P<time>\d{8}T\d{6}Z)\.db(\.gz)?")


def rotate(folder: str = "var/backups", keep: int = 14, plain: int = 2) -> dict[str, list[str]]:
    """Keep the newest `keep` backups of each database in `folder`, the newest `plain` of them uncompressed.

    Returns the names of what was compressed and deleted. Files that are not named like the backups of `back_up` are
    left alone. Raises `ValueError` if `keep` is less than 1: a rotation never deletes the last backup.
    """
    if keep < 1:
        raise ValueError(f"keep is {keep}; at least one backup stays")
    done: dict[str, list[str]] = {"compressed": [], "deleted": []}
    for backups in _backups(Path(folder)):
        for age, backup in enumerate(backups):
            if age >= keep:
                backup.unlink()
                done["deleted"].append(backup.name)
            elif age >= plain and backup.suffix != ".gz":
                done["compressed"].append(_compress(backup).name)
    log.info("compressed %d, deleted %d", len(done["compressed"]), len(done["deleted"]))
    return done


def _backups(folder: Path) -> list[list[Path]]:
    """The backups of each database, newest first: names of one database sort by time."""
    found = defaultdict(list)
    for path in sorted(folder.glob("*.db*"), reverse=True):
        match = _BACKUP.fullmatch(path.name)
        if match:
            found[match["database"]].append(path)
    return list(found.values())


def _compress(backup: Path) -> Path:
    target = backup.with_name(backup.name + ".gz")
    with replacing(target) as draft, backup.open("rb") as source, gzip.open(draft, "wb") as packed:
        shutil.copyfileobj(source, packed)
    backup.unlink()
    return target
