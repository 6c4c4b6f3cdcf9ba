"""The tables, as the newest version of Rota has them: all of them here, so that the database is read in one place.

Each index is named for its use. Migrations lead here step by step; a test proves that they end exactly here.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from rota.model.states import ACTIVE, FINISHED, State
from rota.store.columns import Counter, Data, Instant, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _in(column: str, states: tuple[State, ...]) -> str:
    return f"{column} IN ({', '.join(repr(str(state)) for state in states)})"


# The conditions of partial indexes, as text: a query is served by such an index only if it repeats the condition word
# for word, without bound values.
# Of the jobs that are active, those that wait for another one's key are not to be claimed, and hold no key.
HOLDING_STATE = f"{_in('state', ACTIVE)} AND NOT behind"
CLAIMABLE_STATE = f"{_in('state', (State.QUEUED, State.WAITING))} AND NOT behind"
BEHIND_STATE = f"{_in('state', (State.QUEUED,))} AND behind"
# The same rows as above. PostgreSQL takes the two for different, and so never serves a claim, which asks for the order
# of the claim index, from the index that answers when the next job is due.
NEXT_DUE_STATE = f"{CLAIMABLE_STATE} AND sequence > 0"
RUNNING_STATE = _in("state", (State.RUNNING,))
# The same rows again: who writes to rows that it names must find them by their number. PostgreSQL would rather read the
# whole index of what runs on the node, with an entry for every attempt since the last vacuum. A condition like the one
# above would have SQLite read all rows by their numbers instead of this index.
RUNNING_ON_NODE_STATE = f"{RUNNING_STATE} AND sequence <> 0"
FINISHED_STATE = _in("state", FINISHED)
# What retention may take: children go with their root.
REMOVABLE_STATE = f"{FINISHED_STATE} AND root IS NULL"
# A job with children that nobody wants any more; `{0}` is its table's name in the query.
UNWANTED_PARENT = "{0}.records IS NULL AND ({0}.cancel_requested_at IS NOT NULL OR {0}.state = 'cancelled')"
MAY_START = "use AND active_job IS NULL AND look_at IS NOT NULL"


def _index(name: str, *columns: str, where: str | None = None, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, info={"where": where} if where else {})


def _with_job(name: str) -> Column[int]:
    """The part of a key that names a job, by its row: what has it goes with the job."""
    goes_with_it = ForeignKey("rota_background_job.sequence", ondelete="CASCADE")
    return Column(name, Counter, goes_with_it, primary_key=True, autoincrement=False)


def described() -> MetaData:
    """The tables with what is of one database, such as conditions of indexes, for whoever makes or compares them.

    Naming a database has SQLAlchemy import all of its drivers: half of what it takes to import SQLAlchemy at all.
    Whoever only reads and writes rows does without.
    """
    for table in metadata.tables.values():
        if table.info.get("autoincrement"):
            table.dialect_kwargs["sqlite_autoincrement"] = True
        if "fillfactor" in table.info:
            table.dialect_kwargs["postgresql_with"] = {"fillfactor": table.info["fillfactor"]}
        for index in table.indexes:
            if "where" in index.info:
                condition = text(index.info["where"])
                index.dialect_kwargs.update(sqlite_where=condition, postgresql_where=condition)
    return metadata


configuration = Table(
    "rota_configuration",
    metadata,
    Column("name", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("timezone", Text, nullable=False),
    Column("modules", Data, nullable=False),
    # Where its files lay when it was last applied; `path` is relative to it.
    Column("root", Text, nullable=False),
    Column("path", Data, nullable=False),
    Column("executors", Data, nullable=False),
    Column("retention", Data, nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("applied_by", Text, nullable=False),
)

revision = Table(
    "rota_revision",
    metadata,
    Column("configuration", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("commit", Text),
    Column("clean", Boolean),
    Column("restores", Integer),
    Column("summary", Data, nullable=False),
    # Old to new name of each definition that it renamed.
    Column("renames", Data, nullable=False),
    # The revision that the document is what differs from; none where it is whole.
    Column("base", Integer),
    # The last one: SQLite reads through five megabytes to whatever stands behind it.
    Column("document", Data, nullable=False),
    # Whatever removes old revisions cannot take one away that a later one is made from.
    ForeignKeyConstraint(["configuration", "base"], ["rota_revision.configuration", "rota_revision.number"]),
)

definition = Table(
    "rota_definition",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("configuration", Text, ForeignKey("rota_configuration.name", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("properties", Data, nullable=False),
    Column("unresolved", Words),
    UniqueConstraint("configuration", "name"),
    # No number is given twice: keys of runs in progress name their definition by it.
    info={"autoincrement": True},
)

scheduled_job = Table(
    "rota_scheduled_job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("configuration", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("definition", Counter, ForeignKey("rota_definition.id"), nullable=False),
    Column("predefined", Boolean, nullable=False),
    Column("overrides", Data, nullable=False),
    # When the first of the overrides ends by itself.
    Column("lapse_at", Instant),
    Column("use", Boolean, nullable=False),
    Column("active_since", Instant, nullable=False),
    Column("considered", Instant, nullable=False),
    Column("next_start", Instant),
    Column("look_at", Instant),
    Column("active_job", Text),
    Column("last_job", Text),
    Column("last_state", Text),
    Column("last_begin", Instant),
    Column("last_end", Instant),
    Column("held", Text),
    Column("missed", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("configuration", "name"),
    _index("ix_rota_scheduled_job_look_at", "look_at", where=MAY_START),
    _index("ix_rota_scheduled_job_lapse_at", "lapse_at", where="lapse_at IS NOT NULL"),
    _index("ix_rota_scheduled_job_of_definition", "definition"),
    _index(
        "uq_rota_scheduled_job_predefined",
        "definition",
        where="predefined",
        unique=True,
    ),
)

missed = Table(
    "rota_missed",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("scheduled_job", Text, ForeignKey("rota_scheduled_job.id", ondelete="CASCADE"), nullable=False),
    Column("first_start", Instant, nullable=False),
    Column("last_start", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    _index("ix_rota_missed_of_job", "scheduled_job", "at"),
)

background_job = Table(
    "rota_background_job",
    metadata,
    Column("sequence", Counter, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("method", Text),
    Column("command", Data),
    Column("name", Text, nullable=False),
    Column("parameters", Data),
    Column("key", Text),
    Column("key_scope", Text, nullable=False, server_default=""),
    Column("behind", Boolean, nullable=False, server_default=text("false")),
    Column("user", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Words),
    Column("queue", Text, nullable=False),
    # Minus the priority, so that one ascending index gives the order of claims.
    Column("rank", Integer, nullable=False, server_default="0"),
    Column("retry", Data),
    Column("restarts", Integer, nullable=False, server_default="0"),
    Column("timeout", Float),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("committed", Integer),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("begin_at", Instant),
    Column("claimed_at", Instant),
    Column("end_at", Instant),
    Column("node", Text),
    Column("process", Integer),
    # How the attempt ended that ended the job, and when it began: the last attempt is kept here.
    Column("last_end", Text),
    Column("last_begin_at", Instant),
    Column("configuration", Text),
    Column("definition", Text),
    Column("scheduled_job", Text),
    Column("nominal_start", Instant),
    Column("stop_at", Instant),
    Column("completion_interval", Float),
    Column("progress_fraction", Float),
    Column("progress_text", Words),
    # The job that started it, by id, and the first of its line, by row; both NULL for a job that no job started.
    Column("parent", Text),
    Column("root", Counter, ForeignKey("rota_background_job.sequence", ondelete="CASCADE")),
    # Of a job that only spreads work over children: how many of them at once, and how many have not ended.
    Column("parallel", Integer),
    Column("unfinished", Integer),
    # The number of its last record; NULL in a family, which counts all records together.
    Column("records", Integer, server_default="0"),
    Column("output_bytes", Counter, nullable=False, server_default="0"),
    Column("result", Data),
    Column("error", Data),
    Column("cancel_requested_at", Instant),
    Column("cancel_requested_by", Text),
    Column("cancel_grace", Float),
    CheckConstraint(_in("state", tuple(State)), name="known_state"),
    CheckConstraint("(method IS NULL) <> (command IS NULL)", name="method_or_command"),
    _index(
        "ix_rota_background_job_claim",
        "queue",
        "rank",
        "due_at",
        "sequence",
        where=CLAIMABLE_STATE,
    ),
    _index("ix_rota_background_job_next_due", "due_at", where=NEXT_DUE_STATE),
    _index("ix_rota_background_job_running_on_node", "node", where=RUNNING_ON_NODE_STATE),
    _index("ix_rota_background_job_must_start_before", "stop_at", where=f"{CLAIMABLE_STATE} AND stop_at IS NOT NULL"),
    _index("ix_rota_background_job_finished", "end_at", where=REMOVABLE_STATE),
    _index("ix_rota_background_job_unwanted_parent", "id", where=UNWANTED_PARENT.replace("{0}.", "")),
    _index("ix_rota_background_job_of_parent", "parent", "state", where="parent IS NOT NULL"),
    _index("ix_rota_background_job_of_root", "root", "state", where="root IS NOT NULL"),
    _index("ix_rota_background_job_of_scheduled_job", "scheduled_job", where="scheduled_job IS NOT NULL"),
    _index(
        "uq_rota_background_job_active_key",
        "key_scope",
        "key",
        where=f"key IS NOT NULL AND {HOLDING_STATE}",
        unique=True,
    ),
    _index("ix_rota_background_job_behind", "key_scope", "key", "sequence", where=BEHIND_STATE),
    # Each job gets two new versions, by its claim and its end. With room for one beside it, PostgreSQL logs of them
    # only what differs, and the last takes the place of the first: two thirds of the log, three quarters of the table.
    info={"fillfactor": 50},
)

# The attempts that were followed, or are to be, by another. Most jobs have none: their only attempt is kept with them.
attempt = Table(
    "rota_attempt",
    metadata,
    _with_job("job"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("begin_at", Instant),
    Column("end_at", Instant, nullable=False),
    Column("node", Text),
    Column("process", Integer),
    Column("end", Text, nullable=False),
    Column("error", Data),
)

record = Table(
    "rota_record",
    metadata,
    _with_job("root"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("job", Counter, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("stream", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("data", Data),
    _index("ix_rota_record_of_child", "job", "number", where="job <> root"),
)

# Jobs with children, by their first job: a row of its own, so that nodes which write records of one family take turns
# without holding each other's jobs.
family = Table(
    "rota_family",
    metadata,
    _with_job("root"),
    Column("records", Integer, nullable=False),
)

# How far a consumer has received a job's records; `streams` names the only ones it asked for, or is empty.
cursor = Table(
    "rota_cursor",
    metadata,
    _with_job("job"),
    Column("consumer", Text, primary_key=True),
    Column("streams", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)

node = Table(
    "rota_node",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("beat", Integer, nullable=False),
    Column("lease", Float, nullable=False),
    Column("slots", Data, nullable=False),
    Column("ended_at", Instant),
    Column("ended", Text),
    _index("ix_rota_node_active", "beat", where="ended_at IS NULL"),
)

# The rows of the locks are always there, held or not: whoever starts jobs shares them, so that a lock taken meanwhile
# waits. `holder` is empty where a lock is free.
lock = Table(
    "rota_lock",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    Column("reason", Words),
    Column("since", Instant),
    Column("until", Instant),
    Column("owner", Text),
    Column("beat", Integer, nullable=False, server_default="0"),
    Column("seen_at", Instant),
    Column("lease", Float),
)

lock_past = Table(
    "rota_lock_past",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("since", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    _index("ix_rota_lock_past_ended_at", "ended_at"),
)

user = Table(
    "rota_user",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("password", Text),
    Column("disabled_at", Instant),
    CheckConstraint("role IN ('administrator', 'user')", name="known_role"),
)

token = Table(
    "rota_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, ForeignKey("rota_user.name"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    _index("uq_rota_token_name_in_use", "user", "name", where="revoked_at IS NULL", unique=True),
)

audit = Table(
    "rota_audit",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("user", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Words),
    Column("facts", Data),
    _index("ix_rota_audit_at", "at"),
)
