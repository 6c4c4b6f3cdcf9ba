"""The first tables."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from rota.store.columns import Counter, Data, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_tables()
    _insert_what_always_exists()


def _create_tables() -> None:
    op.create_table(
        "rota_audit",
        sa.Column("id", Counter, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("facts", Data),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_audit")),
    )
    _index("ix_rota_audit_at", "rota_audit", ["at"])
    op.create_table(
        "rota_background_job",
        sa.Column("sequence", Counter, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text()),
        sa.Column("command", Data),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parameters", Data),
        sa.Column("key", sa.Text()),
        sa.Column("key_scope", sa.Text(), server_default="", nullable=False),
        sa.Column("behind", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry", Data),
        sa.Column("restarts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("timeout", sa.Float()),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("committed", sa.Integer()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("begin_at", Instant()),
        sa.Column("claimed_at", Instant()),
        sa.Column("end_at", Instant()),
        sa.Column("node", sa.Text()),
        sa.Column("process", sa.Integer()),
        sa.Column("last_end", sa.Text()),
        sa.Column("last_begin_at", Instant()),
        sa.Column("configuration", sa.Text()),
        sa.Column("definition", sa.Text()),
        sa.Column("scheduled_job", sa.Text()),
        sa.Column("nominal_start", Instant()),
        sa.Column("stop_at", Instant()),
        sa.Column("completion_interval", sa.Float()),
        sa.Column("progress_fraction", sa.Float()),
        sa.Column("progress_text", sa.Text()),
        sa.Column("parent", sa.Text()),
        sa.Column("root", Counter),
        sa.Column("parallel", sa.Integer()),
        sa.Column("unfinished", sa.Integer()),
        sa.Column("records", sa.Integer(), server_default="0"),
        sa.Column("output_bytes", Counter, server_default="0", nullable=False),
        sa.Column("result", Data),
        sa.Column("error", Data),
        sa.Column("cancel_requested_at", Instant()),
        sa.Column("cancel_requested_by", sa.Text()),
        sa.Column("cancel_grace", sa.Float()),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')",
            name=op.f("ck_rota_background_job_known_state"),
        ),
        sa.CheckConstraint(
            "(method IS NULL) <> (command IS NULL)", name=op.f("ck_rota_background_job_method_or_command")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_rota_background_job")),
        sa.UniqueConstraint("id", name=op.f("uq_rota_background_job_id")),
        sa.ForeignKeyConstraint(
            ["root"],
            ["rota_background_job.sequence"],
            name=op.f("fk_rota_background_job_root"),
            ondelete="CASCADE",
        ),
        postgresql_with={"fillfactor": 50},
    )
    _index(
        "ix_rota_background_job_behind",
        "rota_background_job",
        ["key_scope", "key", "sequence"],
        where="state IN ('queued') AND behind",
    )
    _index(
        "ix_rota_background_job_claim",
        "rota_background_job",
        ["queue", "rank", "due_at", "sequence"],
        where="state IN ('queued', 'waiting') AND NOT behind",
    )
    _index(
        "ix_rota_background_job_finished",
        "rota_background_job",
        ["end_at"],
        where="state IN ('completed', 'failed', 'cancelled') AND root IS NULL",
    )
    _index(
        "ix_rota_background_job_of_parent",
        "rota_background_job",
        ["parent", "state"],
        where="parent IS NOT NULL",
    )
    _index("ix_rota_background_job_of_root", "rota_background_job", ["root", "state"], where="root IS NOT NULL")
    _index(
        "ix_rota_background_job_must_start_before",
        "rota_background_job",
        ["stop_at"],
        where="state IN ('queued', 'waiting') AND NOT behind AND stop_at IS NOT NULL",
    )
    _index(
        "ix_rota_background_job_next_due",
        "rota_background_job",
        ["due_at"],
        where="state IN ('queued', 'waiting') AND NOT behind AND sequence > 0",
    )
    _index(
        "ix_rota_background_job_of_scheduled_job",
        "rota_background_job",
        ["scheduled_job"],
        where="scheduled_job IS NOT NULL",
    )
    _index(
        "ix_rota_background_job_unwanted_parent",
        "rota_background_job",
        ["id"],
        where="records IS NULL AND (cancel_requested_at IS NOT NULL OR state = 'cancelled')",
    )
    _index(
        "ix_rota_background_job_running_on_node",
        "rota_background_job",
        ["node"],
        where="state IN ('running') AND sequence <> 0",
    )
    _index(
        "uq_rota_background_job_active_key",
        "rota_background_job",
        ["key_scope", "key"],
        where="key IS NOT NULL AND state IN ('queued', 'running', 'waiting') AND NOT behind",
        unique=True,
    )
    op.create_table(
        "rota_configuration",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("modules", Data, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("path", Data, nullable=False),
        sa.Column("executors", Data, nullable=False),
        sa.Column("retention", Data, nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rota_configuration")),
    )
    op.create_table(
        "rota_lock",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("since", Instant()),
        sa.Column("until", Instant()),
        sa.Column("owner", sa.Text()),
        sa.Column("beat", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen_at", Instant()),
        sa.Column("lease", sa.Float()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rota_lock")),
    )
    op.create_table(
        "rota_lock_past",
        sa.Column("id", Counter, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_lock_past")),
    )
    _index("ix_rota_lock_past_ended_at", "rota_lock_past", ["ended_at"])
    op.create_table(
        "rota_node",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Float(), nullable=False),
        sa.Column("slots", Data, nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("ended", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_node")),
    )
    _index("ix_rota_node_active", "rota_node", ["beat"], where="ended_at IS NULL")
    op.create_table(
        "rota_revision",
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text()),
        sa.Column("clean", sa.Boolean()),
        sa.Column("restores", sa.Integer()),
        sa.Column("summary", Data, nullable=False),
        sa.Column("renames", Data, nullable=False),
        sa.Column("base", sa.Integer()),
        sa.Column("document", Data, nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration", "base"],
            ["rota_revision.configuration", "rota_revision.number"],
            name=op.f("fk_rota_revision_configuration"),
        ),
        sa.PrimaryKeyConstraint("configuration", "number", name=op.f("pk_rota_revision")),
    )
    op.create_table(
        "rota_user",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("disabled_at", Instant()),
        sa.CheckConstraint("role IN ('administrator', 'user')", name=op.f("ck_rota_user_known_role")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rota_user")),
    )
    op.create_table(
        "rota_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("last_used_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.ForeignKeyConstraint(["user"], ["rota_user.name"], name=op.f("fk_rota_token_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_token")),
    )
    _index("uq_rota_token_name_in_use", "rota_token", ["user", "name"], where="revoked_at IS NULL", unique=True)
    op.create_table(
        "rota_attempt",
        sa.Column("job", Counter, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begin_at", Instant()),
        sa.Column("end_at", Instant(), nullable=False),
        sa.Column("node", sa.Text()),
        sa.Column("process", sa.Integer()),
        sa.Column("end", sa.Text(), nullable=False),
        sa.Column("error", Data),
        sa.ForeignKeyConstraint(
            ["job"], ["rota_background_job.sequence"], name=op.f("fk_rota_attempt_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job", "number", name=op.f("pk_rota_attempt")),
    )
    op.create_table(
        "rota_definition",
        sa.Column("id", Counter, autoincrement=True, nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("properties", Data, nullable=False),
        sa.Column("unresolved", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_definition")),
        sa.UniqueConstraint("configuration", "name", name=op.f("uq_rota_definition_configuration_name")),
        sa.ForeignKeyConstraint(
            ["configuration"],
            ["rota_configuration.name"],
            name=op.f("fk_rota_definition_configuration"),
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rota_record",
        sa.Column("root", Counter, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("job", Counter, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("data", Data),
        sa.ForeignKeyConstraint(
            ["root"], ["rota_background_job.sequence"], name=op.f("fk_rota_record_root"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("root", "number", name=op.f("pk_rota_record")),
    )
    _index("ix_rota_record_of_child", "rota_record", ["job", "number"], where="job <> root")
    op.create_table(
        "rota_family",
        sa.Column("root", Counter, autoincrement=False, nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["root"], ["rota_background_job.sequence"], name=op.f("fk_rota_family_root"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("root", name=op.f("pk_rota_family")),
    )
    op.create_table(
        "rota_cursor",
        sa.Column("job", Counter, autoincrement=False, nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("streams", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job"], ["rota_background_job.sequence"], name=op.f("fk_rota_cursor_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job", "consumer", "streams", name=op.f("pk_rota_cursor")),
    )
    op.create_table(
        "rota_scheduled_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("configuration", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", Counter, nullable=False),
        sa.Column("predefined", sa.Boolean(), nullable=False),
        sa.Column("overrides", Data, nullable=False),
        sa.Column("lapse_at", Instant()),
        sa.Column("use", sa.Boolean(), nullable=False),
        sa.Column("active_since", Instant(), nullable=False),
        sa.Column("considered", Instant(), nullable=False),
        sa.Column("next_start", Instant()),
        sa.Column("look_at", Instant()),
        sa.Column("active_job", sa.Text()),
        sa.Column("last_job", sa.Text()),
        sa.Column("last_state", sa.Text()),
        sa.Column("last_begin", Instant()),
        sa.Column("last_end", Instant()),
        sa.Column("held", sa.Text()),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_scheduled_job")),
        sa.UniqueConstraint("configuration", "name", name=op.f("uq_rota_scheduled_job_configuration_name")),
        sa.ForeignKeyConstraint(["definition"], ["rota_definition.id"], name=op.f("fk_rota_scheduled_job_definition")),
    )
    _index(
        "ix_rota_scheduled_job_look_at",
        "rota_scheduled_job",
        ["look_at"],
        where="use AND active_job IS NULL AND look_at IS NOT NULL",
    )
    _index("ix_rota_scheduled_job_lapse_at", "rota_scheduled_job", ["lapse_at"], where="lapse_at IS NOT NULL")
    _index("ix_rota_scheduled_job_of_definition", "rota_scheduled_job", ["definition"])
    _index("uq_rota_scheduled_job_predefined", "rota_scheduled_job", ["definition"], where="predefined", unique=True)
    op.create_table(
        "rota_missed",
        sa.Column("id", Counter, autoincrement=True, nullable=False),
        sa.Column("scheduled_job", sa.Text(), nullable=False),
        sa.Column("first_start", Instant(), nullable=False),
        sa.Column("last_start", Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheduled_job"], ["rota_scheduled_job.id"], name=op.f("fk_rota_missed_scheduled_job"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_missed")),
    )
    _index("ix_rota_missed_of_job", "rota_missed", ["scheduled_job", "at"])


def _insert_what_always_exists() -> None:
    """The built-in administrator, and the row that updates and scheduler passes lock."""
    users = sa.table("rota_user", sa.column("name"), sa.column("role"), sa.column("created_at", Instant()))
    began = datetime(2026, 1, 1, tzinfo=UTC)
    op.bulk_insert(users, [{"name": "administrator", "role": "administrator", "created_at": began}])
    names = ("configuration", "scheduled-jobs", "jobs", "exclusive")
    op.bulk_insert(sa.table("rota_lock", sa.column("name")), [{"name": name} for name in names])


def _index(name: str, table: str, columns: list[str], *, where: str | None = None, unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
