"""The database, and the only room that knows SQLAlchemy or a table.

One file per aggregate; its functions take a `Transaction` first. Transitions are named for what happened and are
conditional on the state, and for a run the lease, that they leave.
"""

from rota.store.connection import Store, Transaction

__all__ = ["Store", "Transaction"]
