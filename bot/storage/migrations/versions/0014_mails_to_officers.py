"""Addresses of officers for notices by e-mail, and letters on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer_mails",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name="fk_officer_mails_officer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_officer_mails"),
    )
    op.create_index("ix_officer_mails_officer", "officer_mails", ["officer_id"])
    op.create_table(
        "mails",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("to_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["to_id"], ["officer_mails.id"], name="fk_mails_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mails_due", "mails", ["not_before"])
    op.create_index("ix_mails_to", "mails", ["to_id"])


def downgrade() -> None:
    op.drop_table("mails")
    op.drop_table("officer_mails")
