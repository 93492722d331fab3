"""Groups, notes kept for a while, attachments; when people last wrote; amendments."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ADDED = (
    ("people", "wrote_at", sa.BigInteger),
    ("announcements", "attachment_id", sa.Text),
    ("announcements", "amends", sa.Text),
    ("announcements", "amendment", sa.Text),
    ("deliveries", "group_id", sa.Text),
    ("deliveries", "replaces", sa.Text),
)
_HAS_GROUP = sa.text("group_id IS NOT NULL")
_AMENDS = sa.text("amends IS NOT NULL")


def upgrade() -> None:
    for table, name, kind in _ADDED:
        op.add_column(table, sa.Column(name, kind()))
    op.create_index(
        "ix_deliveries_group",
        "deliveries",
        ["group_id", "announcement_id"],
        unique=True,
        sqlite_where=_HAS_GROUP,
        postgresql_where=_HAS_GROUP,
    )
    op.create_index(
        "ix_announcements_amends",
        "announcements",
        ["amends"],
        sqlite_where=_AMENDS,
        postgresql_where=_AMENDS,
    )
    _groups()
    _slips()
    _attachments()
    _officer_chats()
    _kinds_of_tip_records("report", "reason", "note", "picture")


def downgrade() -> None:
    op.execute("DELETE FROM tip_records WHERE kind = 'picture'")
    _kinds_of_tip_records("report", "reason", "note")
    for table in ("officer_chats", "uploads", "attachments", "slips", "groups"):
        op.drop_table(table)
    # A copy for a group means nothing to the older program.
    op.execute("DELETE FROM deliveries WHERE group_id IS NOT NULL")
    op.drop_index("ix_announcements_amends", "announcements")
    op.drop_index("ix_deliveries_group", "deliveries")
    for table, name, _ in reversed(_ADDED):
        op.drop_column(table, name)


def _groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("invite_url", sa.Text(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("most_members", sa.BigInteger(), nullable=False),
        sa.Column("can_delete", sa.Boolean(), nullable=False),
        sa.Column("lapses_on", sa.Date()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", sa.BigInteger()),
        sa.CheckConstraint(
            "state IN ('seen', 'linked', 'lapsed', 'gone')", name=op.f("ck_groups_state")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_groups_channel_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_groups_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("channel_id", "chat", name="uq_groups_channel_id_chat"),
    )
    op.create_index("ix_groups_unit", "groups", ["unit_id", "state"])


def _slips() -> None:
    op.create_table(
        "slips",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('group_code', 'group_try', 'group_alarm', 'group_album', 'officer_code',"
            " 'stand_back', 'echo', 'call_back', 'shelf')",
            name=op.f("ck_slips_kind"),
        ),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_slips"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_slips_holder", "slips", ["kind", "holder"])
    op.create_index("ix_slips_until", "slips", ["until"])


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('picture', 'file')", name=op.f("ck_attachments_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_table(
        "uploads",
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("attachment_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name="fk_uploads_attachment_id"
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_uploads_channel_id"),
        sa.PrimaryKeyConstraint("channel_id", "attachment_id", name="pk_uploads"),
    )


def _officer_chats() -> None:
    op.create_table(
        "officer_chats",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_officer_chats_channel_id"
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name="fk_officer_chats_officer_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_officer_chats"),
    )
    op.create_index("ix_officer_chats_officer", "officer_chats", ["officer_id"])


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
