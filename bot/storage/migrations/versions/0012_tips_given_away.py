"""Tips that were given to another unit, found without looking at all."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_given = sa.text("sealed_for != unit_id")
    op.create_index(
        "ix_tips_given",
        "tips",
        ["unit_id", "sealed_for"],
        sqlite_where=is_given,
        postgresql_where=is_given,
    )


def downgrade() -> None:
    op.drop_index("ix_tips_given", "tips")
