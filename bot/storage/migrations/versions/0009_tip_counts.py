"""The bare numbers of tips that are forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CATEGORIES = (
    *("crime", "fire", "traffic", "drugs", "scam", "violence", "children", "trafficking"),
    *("weapons", "disorder", "mediation"),
)
_STATES = (
    *("new", "in_verification", "needs_more", "passed_on", "resolved", "unfounded", "doubled"),
    *("spam", "false"),
)


def upgrade() -> None:
    op.create_table(
        "tip_counts",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("many", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(_among("category", _CATEGORIES), name=op.f("ck_tip_counts_category")),
        sa.CheckConstraint(_among("state", _STATES), name=op.f("ck_tip_counts_state")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_tip_counts_unit_id"),
        sa.PrimaryKeyConstraint("month", "unit_id", "category", "state", name="pk_tip_counts"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("tip_counts")


def _among(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"
