"""Who this engine is: a node with a name for people and a random incarnation for leases."""

from __future__ import annotations

import os
import socket

from rota.model.ids import new_id


class Identity:
    """A node. A restarted engine, or one that lost its leases, is a new incarnation and owns nothing of the old one."""

    def __init__(self) -> None:
        self.host = socket.gethostname()
        self.process = os.getpid()
        self.name = f"{self.host}-{self.process}"
        self.incarnation = new_id()

    def become(self, incarnation: str) -> None:
        """Be this incarnation from now on; it must be known to the database already, or its leases count as lost."""
        self.incarnation = incarnation
