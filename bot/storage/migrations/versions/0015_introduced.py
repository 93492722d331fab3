"""A note that somebody was told once that a program answers them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# In the order in which the program lists them.
_BEFORE = (
    *("group_code", "group_try", "group_alarm", "group_album", "officer_code"),
    *("stand_back", "echo", "call_back", "api_call", "shelf"),
)


def upgrade() -> None:
    _kinds_of_slips(*_BEFORE, "introduced")


def downgrade() -> None:
    op.execute("DELETE FROM slips WHERE kind = 'introduced'")
    _kinds_of_slips(*_BEFORE)


def _kinds_of_slips(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    is_known = f"kind IN ({listed})"
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_slips_kind"), "slips", type_="check")
        op.create_check_constraint(op.f("ck_slips_kind"), "slips", is_known)
        return
    # SQLite cannot change a constraint: the table is made anew and filled.
    op.create_table(
        "slips_new",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(is_known, name=op.f("ck_slips_kind")),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_slips"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO slips_new SELECT * FROM slips")
    op.drop_table("slips")
    op.rename_table("slips_new", "slips")
    op.create_index("ix_slips_holder", "slips", ["kind", "holder"])
    op.create_index("ix_slips_until", "slips", ["until"])
