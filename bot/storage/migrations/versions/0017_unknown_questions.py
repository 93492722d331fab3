"""Questions that were not understood."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unknown_questions",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("many", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("text", "day", name="pk_unknown_questions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_unknown_questions_day", "unknown_questions", ["day"])


def downgrade() -> None:
    op.drop_table("unknown_questions")
