"""Keep a folder of backups in order: the newest as they are, older ones compressed, the oldest deleted."""

import gzip
import logging
import shutil
from pathlib import Path

from .files import replacing

log = logging.getLogger(__name__)


def rotate(folder: str = "var/backups", keep: int = 14, plain: int = 2) -> dict[str, list[str]]:
    """Keep the newest `keep` backups in `folder`, the newest `plain` of them uncompressed; return what was done.

    A backup's name holds its time, so that names sort by age. Raises `ValueError` if `keep` is less than 1: a rotation
    never deletes the last backup.
    """
    if keep < 1:
        raise ValueError(f"keep is {keep}; at least one backup stays")
    done: dict[str, list[str]] = {"compressed": [], "deleted": []}
    for age, backup in enumerate(_backups(Path(folder))):
        if age >= keep:
            backup.unlink()
            done["deleted"].append(backup.name)
        elif age >= plain and backup.suffix != ".gz":
            done["compressed"].append(_compress(backup).name)
    log.info("compressed %d, deleted %d", len(done["compressed"]), len(done["deleted"]))
    return done


def _backups(folder: Path) -> list[Path]:
    """The backups, newest first."""
    found = [*folder.glob("*.db"), *folder.glob("*.db.gz")]
    return sorted(found, key=lambda path: path.name.removesuffix(".gz").rpartition("-")[2], reverse=True)


def _compress(backup: Path) -> Path:
    target = backup.with_name(backup.name + ".gz")
    with replacing(target) as draft, backup.open("rb") as source, gzip.open(draft, "wb") as packed:
        shutil.copyfileobj(source, packed)
    backup.unlink()
    return target
