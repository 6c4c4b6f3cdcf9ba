"""The database, and the only room that knows SQLAlchemy or a table."""
