"""Conversations handed over to people, and what was said there."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_REASONS = ("asked", "missed", "topic")
_STATES = ("waiting", "taken", "done", "lapsed", "left")
_SPEAKERS = ("resident", "officer", "bot")
_OUTCOMES = ("waiting", "sending", "sent", "failed", "skipped", "unknown")
_WHY = (
    *("blocked", "deactivated", "not_found", "opted_out", "left", "no_window", "no_quota"),
    *("too_many", "doubled", "cancelled", "refused", "slowed_down", "no_connection"),
    *("no_answer", "platform_error"),
)


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("wrote_at", sa.BigInteger(), nullable=False),
        sa.Column("last_word_at", sa.BigInteger(), nullable=False),
        sa.Column("last_speaker", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("answered_number", sa.BigInteger(), nullable=False),
        sa.Column("seen_number", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("way", sa.LargeBinary()),
        sa.CheckConstraint(_among("reason", _REASONS), name=op.f("ck_handovers_reason")),
        sa.CheckConstraint(_among("state", _STATES), name=op.f("ck_handovers_state")),
        sa.CheckConstraint(
            _among("last_speaker", _SPEAKERS), name=op.f("ck_handovers_last_speaker")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_handovers_unit_id"),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_handovers_channel_id"),
        sa.ForeignKeyConstraint(["taken_by"], ["officers.id"], name="fk_handovers_taken_by"),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_unit", "handovers", ["unit_id", "state", "asked_at"])
    op.create_index("ix_handovers_chat", "handovers", ["chat"])
    is_open = sa.text("state IN ('waiting', 'taken')")
    op.create_index(
        "ix_handovers_open_chat",
        "handovers",
        ["chat"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(
        "ix_handovers_silent",
        "handovers",
        ["last_word_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    _words()


def _words() -> None:
    op.create_table(
        "handover_words",
        sa.Column("handover_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text()),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text()),
        sa.Column("delivery_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint(_among("speaker", _SPEAKERS), name=op.f("ck_handover_words_speaker")),
        sa.CheckConstraint(_among("state", _OUTCOMES), name=op.f("ck_handover_words_state")),
        sa.CheckConstraint(_among("reason", _WHY), name=op.f("ck_handover_words_reason")),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["handovers.id"],
            name="fk_handover_words_handover_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name="fk_handover_words_officer_id"
        ),
        sa.PrimaryKeyConstraint("handover_id", "number", name="pk_handover_words"),
    )
    goes_out = sa.text("state = 'waiting'")
    op.create_index("ix_handover_words_at", "handover_words", ["at"])
    op.create_index(
        "ix_handover_words_out",
        "handover_words",
        ["at", "handover_id", "number"],
        sqlite_where=goes_out,
        postgresql_where=goes_out,
    )


def downgrade() -> None:
    op.drop_table("handover_words")
    op.drop_table("handovers")


def _among(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"
