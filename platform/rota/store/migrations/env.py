"""Alembic runs this to migrate the database of the transaction that `store.schema` hands over."""

from alembic import context

from rota.store.schema import VERSION_TABLE
from rota.store.tables import described

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=described(),
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
