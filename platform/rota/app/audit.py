"""Reading the audit log."""

from __future__ import annotations

from rota.app import rights
from rota.app.context import Context
from rota.model.acts import Act, Audited
from rota.store import audit
from rota.store.audit import AuditFilter


def select(context: Context, wanted: AuditFilter) -> list[Audited]:
    """The matching acts, newest first."""
    rights.require(context, Act.AUDIT_SEE)
    with context.store.read() as tx:
        return audit.select_acts(tx, wanted)


__all__ = ["AuditFilter", "select"]
