"""Tips that are answered: dialogue, reply routes, passing on, forgetting."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ADDED = {
    "sealed_for": (sa.Text, ""),
    "version": (sa.BigInteger, "0"),
    "first_seen_at": (sa.BigInteger, None),
    "has_news": (sa.Boolean, sa.false()),
    "has_route": (sa.Boolean, sa.false()),
    "merged_into": (sa.Text, None),
    "passed_to": (sa.Text, ""),
    "is_held": (sa.Boolean, sa.false()),
    "forget_on": (sa.Date, None),
    "escalated": (sa.BigInteger, "0"),
    "is_handed": (sa.Boolean, sa.false()),
    "talk_public": (sa.LargeBinary, None),
    "talk_locked": (sa.LargeBinary, None),
}
_KINDS = ("report", "reason", "note", "picture")
_TALK_KINDS = (
    *("talk", "route", "redacted"),
    *("message_out", "message_in", "picture_out", "picture_in"),
)


def upgrade() -> None:
    for name, (kind, empty) in _ADDED.items():
        is_optional = empty is None
        op.add_column("tips", sa.Column(name, kind(), nullable=is_optional, server_default=empty))
    # Up to now a tip stayed with the unit it was written to.
    op.execute("UPDATE tips SET sealed_for = unit_id")
    op.add_column("units", sa.Column("inspectorate_id", sa.Text()))
    _kinds_of_tip_records(*_KINDS, *_TALK_KINDS)
    _routes()
    op.create_table(
        "saved_filters",
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name="fk_saved_filters_officer_id"
        ),
        sa.PrimaryKeyConstraint("officer_id", "name", name="pk_saved_filters"),
    )


def downgrade() -> None:
    for table in ("saved_filters", "route_letters", "route_posts", "route_chats", "tip_routes"):
        op.drop_table(table)
    listed = ", ".join(f"'{kind}'" for kind in _TALK_KINDS)
    op.execute(f"DELETE FROM tip_records WHERE kind IN ({listed})")  # noqa: S608 - no words but ours
    _kinds_of_tip_records(*_KINDS)
    op.drop_column("units", "inspectorate_id")
    for name in reversed(_ADDED):
        op.drop_column("tips", name)


def _routes() -> None:
    op.create_table(
        "tip_routes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tip_routes"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tip_routes_expires", "tip_routes", ["expires_on"])
    op.create_table(
        "route_chats",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_route_chats"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_route_chats_conversation", "route_chats", ["conversation"])
    op.create_index("ix_route_chats_expires", "route_chats", ["expires_on"])
    op.create_table(
        "route_posts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("route_id", sa.Text(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_route_posts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_route_posts_due", "route_posts", ["not_before"])
    op.create_table(
        "route_letters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("letter_box", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_route_letters_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_route_letters"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_route_letters_unit", "route_letters", ["unit_id"])


def _kinds_of_tip_records(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    is_known = f"kind IN ({listed})"
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_tip_records_kind"), "tip_records", type_="check")
        op.create_check_constraint(op.f("ck_tip_records_kind"), "tip_records", is_known)
        return
    # SQLite cannot change a constraint: the table is made anew and filled.
    op.create_table(
        "tip_records_new",
        sa.Column("tip_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(is_known, name=op.f("ck_tip_records_kind")),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name="fk_tip_records_tip_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "sequence", name="pk_tip_records"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO tip_records_new SELECT * FROM tip_records")
    op.drop_table("tip_records")
    op.rename_table("tip_records_new", "tip_records")
