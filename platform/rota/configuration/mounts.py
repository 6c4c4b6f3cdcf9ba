"""File systems that give no events of what others change there: network, shared and user-space ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_SILENT = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "ncpfs",
    "vboxsf",
    "virtiofs",
}
_MOUNTS = Path("/proc/self/mountinfo")


def is_silent(folder: str, mounts: Iterable[str] | None = None) -> bool:
    """Whether changes in `folder` may go without an event. Known on Linux, from its table of mounts."""
    real = os.path.realpath(folder) + "/"
    longest, kind = "", ""
    for line in _lines() if mounts is None else mounts:
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].encode().decode("unicode_escape").rstrip("/") + "/"
        if real.startswith(point) and len(point) >= len(longest):
            longest, kind = point, after.split(" ")[0]
    return kind in _SILENT or kind.startswith("fuse.")


def _lines() -> list[str]:
    try:
        return _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
