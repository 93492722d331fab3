"""The queue of tips is walked in its own order; what is counted has an index of its own."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BEFORE = (
    *("unit_id", "state", "is_urgent", "received_at", "id", "visible_at", "is_about_officer"),
    *("category", "claimed_by", "first_seen_at", "has_news"),
)
_IN_ORDER = (
    *("is_urgent", "received_at", "id", "visible_at", "unit_id", "is_about_officer"),
    *("state", "category", "claimed_by", "first_seen_at", "has_news"),
)
_COUNTED = ("unit_id", "state", "visible_at", "is_about_officer")


def upgrade() -> None:
    op.drop_index("ix_tips_queue", "tips")
    op.create_index("ix_tips_queue", "tips", list(_IN_ORDER))
    op.create_index("ix_tips_counts", "tips", list(_COUNTED))


def downgrade() -> None:
    op.drop_index("ix_tips_counts", "tips")
    op.drop_index("ix_tips_queue", "tips")
    op.create_index("ix_tips_queue", "tips", list(_BEFORE))
