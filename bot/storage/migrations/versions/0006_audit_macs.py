"""MACs of audit entries, ways to look entries up, and the heads of days."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LOOKED_UP_BY = ("actor", "act", "subject", "at")


def upgrade() -> None:
    op.add_column("audit", sa.Column("mac", sa.LargeBinary()))
    for column in _LOOKED_UP_BY:
        op.create_index(f"ix_audit_{column}", "audit", [column, "number"])
    op.create_table(
        "audit_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("posted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("day", name="pk_audit_heads"),
    )


def downgrade() -> None:
    op.drop_table("audit_heads")
    for column in _LOOKED_UP_BY:
        op.drop_index(f"ix_audit_{column}", "audit")
    op.drop_column("audit", "mac")
