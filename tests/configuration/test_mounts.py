"""Which file systems tell nothing of changes."""

from __future__ import annotations

import pytest

from rota.configuration.mounts import is_silent

MOUNTS = (
    r"22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw",
    r"23 22 0:40 / /srv rw - nfs4 server:/srv rw",
    r"24 23 8:2 / /srv/local rw shared:1 - xfs /dev/sdb1 rw",
    r"25 22 0:41 / /home/a\040b rw - fuse.sshfs host: rw",
)


@pytest.mark.parametrize(
    ("folder", "silent"),
    [
        ("/etc/rota", False),
        ("/srv/shop", True),
        ("/srv", True),
        ("/srvx", False),
        ("/srv/local/shop", False),
        ("/home/a b/shop", True),
    ],
)
def test_the_nearest_mount_decides(folder: str, silent: bool) -> None:
    assert is_silent(folder, MOUNTS) is silent


def test_this_machines_own_table_can_be_read(tmp_path: object) -> None:
    assert is_silent(str(tmp_path)) in {True, False}
