"""The floor of a start: SQLAlchemy Core inserting a bare row, one a commit and then many a commit.

No job system: what any system on SQLAlchemy pays at least. On SQLite it runs with the journal of all other sides, WAL.
"""

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    select,
)

from tests.benchmarks import script

JOBS = Table(
    "jobs",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("method", String),
    Column("state", String),
)


def main() -> None:
    """Insert singly and in bulk, check the rows, answer."""
    asked = script.arguments("bulk")
    engine = create_engine(script.sqlalchemy_url(asked.database))
    with engine.connect() as connection:
        durability = _sqlite_durability(connection) if engine.dialect.name == "sqlite" else "psycopg"
        JOBS.create(connection)
        connection.commit()
        with script.stopwatch() as single:
            for _ in range(asked.jobs):
                connection.execute(insert(JOBS), {"method": "nothing", "state": "queued"})
                connection.commit()
        with script.stopwatch() as many:
            for numbers in script.slices(asked.bulk):
                connection.execute(insert(JOBS), [{"method": "nothing", "state": "queued"} for _ in numbers])
                connection.commit()
        found = connection.scalar(select(func.count()).select_from(JOBS))
    engine.dispose()
    script.require(found, asked.jobs + asked.bulk, "rows inserted")
    script.answer(
        f"{script.named('sqlalchemy')} Core, bare inserts: {durability}",
        single=asked.jobs / single.seconds,
        bulk=asked.bulk / many.seconds,
    )


def _sqlite_durability(connection: Connection) -> str:
    journal = connection.exec_driver_sql("pragma journal_mode = wal").scalar_one()
    synchronous = script.SYNCHRONOUS[connection.exec_driver_sql("pragma synchronous").scalar_one()]
    return f"journal {journal}, synchronous {synchronous}"


if __name__ == "__main__":
    script.run(main)
