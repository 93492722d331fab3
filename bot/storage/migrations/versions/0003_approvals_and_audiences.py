"""Approvals, audiences, links; what is still to be frozen; topics people asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ADDED = {"audience": "{}", "links": "[]", "editors": "[]"}
_OPTIONAL = {
    "approval": sa.Text,
    "sent_back": sa.Text,
    "freezing_after": sa.Text,
    "joined_until": sa.BigInteger,
}
_FREEZING = sa.text("freezing_after IS NOT NULL")
_STATES = ("draft", "proposed", "scheduled", "overdue", "sending", "paused", "cancelled")


def upgrade() -> None:
    _states(*_STATES)
    for name, empty in _ADDED.items():
        column = sa.Column(name, sa.Text(), nullable=False, server_default=empty)
        op.add_column("announcements", column)
    for name, kind in _OPTIONAL.items():
        op.add_column("announcements", sa.Column(name, kind()))
    by_author = "'[\"' || author_id || '\"]'"
    op.execute(f"UPDATE announcements SET editors = {by_author} WHERE author_id > ''")  # noqa: S608 - no words but ours
    op.create_index(
        "ix_announcements_freezing",
        "announcements",
        ["id"],
        sqlite_where=_FREEZING,
        postgresql_where=_FREEZING,
    )
    op.create_table(
        "interests",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_interests_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "topic", name="pk_interests"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("interests")
    op.drop_index("ix_announcements_freezing", "announcements")
    for name in (*_OPTIONAL, *_ADDED):
        op.drop_column("announcements", name)
    # To the older program what waits for a second officer is a draft.
    op.execute("UPDATE announcements SET state = 'draft' WHERE state = 'proposed'")
    _states(*(state for state in _STATES if state != "proposed"))


def _states(*states: str) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    name = op.f("ck_announcements_state")
    with op.batch_alter_table("announcements") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"state IN ({listed})")
