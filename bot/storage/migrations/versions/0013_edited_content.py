"""What officers changed in answers and facts, and what they are about to change."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('answer', 'fact')"


def upgrade() -> None:
    op.create_table(
        "content_edits",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(_KINDS, name=op.f("ck_content_edits_kind")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name="fk_content_edits_officer_id"
        ),
        sa.PrimaryKeyConstraint("revision", name="pk_content_edits"),
    )
    op.create_index("ix_content_edits_key", "content_edits", ["kind", "key", "revision"])
    op.create_table(
        "content_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text()),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=False),
        sa.Column("effect", sa.Text()),
        sa.CheckConstraint(_KINDS, name=op.f("ck_content_drafts_kind")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name="fk_content_drafts_officer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_content_drafts"),
    )
    is_unmeasured = sa.text("effect IS NULL")
    op.create_index(
        "ix_content_drafts_unmeasured",
        "content_drafts",
        ["at"],
        sqlite_where=is_unmeasured,
        postgresql_where=is_unmeasured,
    )


def downgrade() -> None:
    op.drop_table("content_drafts")
    op.drop_table("content_edits")
