"""Tips found by what officers call them, and by the tip they were merged into."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_tips_reference", "tips", ["reference"])
    op.create_index("ix_tips_merged", "tips", ["merged_into"])


def downgrade() -> None:
    op.drop_index("ix_tips_merged", "tips")
    op.drop_index("ix_tips_reference", "tips")
