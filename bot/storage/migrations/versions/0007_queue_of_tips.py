"""Tips about officers, and an index that holds all the queue filters by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OLD = ("unit_id", "state", "is_urgent", "received_at")
_FILTERED_BY = (
    *("unit_id", "state", "is_urgent", "received_at", "id", "visible_at", "is_about_officer"),
    *("category", "claimed_by", "first_seen_at", "has_news"),
)


def upgrade() -> None:
    op.add_column(
        "tips",
        sa.Column("is_about_officer", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.drop_index("ix_tips_queue", "tips")
    op.create_index("ix_tips_queue", "tips", list(_FILTERED_BY))


def downgrade() -> None:
    op.drop_index("ix_tips_queue", "tips")
    op.create_index("ix_tips_queue", "tips", list(_OLD))
    op.drop_column("tips", "is_about_officer")
