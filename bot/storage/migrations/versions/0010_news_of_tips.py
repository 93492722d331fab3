"""Tips with news, and those the queue began to show lately, found without looking at all."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_news = sa.text("has_news")
    op.create_index(
        "ix_tips_news", "tips", ["id"], sqlite_where=has_news, postgresql_where=has_news
    )
    op.create_index("ix_tips_shown", "tips", ["visible_at"])


def downgrade() -> None:
    op.drop_index("ix_tips_shown", "tips")
    op.drop_index("ix_tips_news", "tips")
