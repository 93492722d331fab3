"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# In the order they can be made; what points at another comes after it.
_TABLES = (
    "units",
    "channels",
    "officers",
    "key_holders",
    "sessions",
    "sign_in_tries",
    "households",
    "people",
    "inbox",
    "dialogues",
    "mailboxes",
    "letters",
    "announcements",
    "deliveries",
    "tips",
    "tip_records",
    "tip_keys",
    "receipt_tries",
    "audit",
    "fired",
    "leases",
    "settings",
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    _places_and_accounts()
    _officers()
    _residents()
    _traffic()
    _outbox()
    _tips()
    _records()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _places_and_accounts() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("households", sa.BigInteger(), nullable=False),
        sa.Column("join_code", sa.Text(), nullable=False),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('commune', 'neighbourhood')", name=op.f("ck_units_kind")),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name="fk_units_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("code", name="uq_units_code"),
        sa.UniqueConstraint("join_code", name="uq_units_join_code"),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("sealed_credentials", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('web', 'telegram', 'zalo')", name=op.f("ck_channels_kind")),
        sa.CheckConstraint(
            "state IN ('active', 'broken', 'removed')", name=op.f("ck_channels_state")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_channels_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
    )


def _officers() -> None:
    op.create_table(
        "officers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_officers_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_officers"),
        sa.UniqueConstraint("login", name="uq_officers_login"),
    )
    op.create_table(
        "key_holders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("locked_private", sa.LargeBinary(), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('officer', 'recovery')", name=op.f("ck_key_holders_kind")),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_key_holders_officer_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_key_holders_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_key_holders"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_sessions_officer_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_officer", "sessions", ["officer_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_at", "sign_in_tries", ["at"])
    op.create_index("ix_sign_in_tries_who", "sign_in_tries", ["who", "at"])


def _residents() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("head_name", sa.Text(), nullable=False),
        sa.Column("join_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_households_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_households"),
        sa.UniqueConstraint("join_code", name="uq_households_join_code"),
        sa.UniqueConstraint("unit_id", "code", name="uq_households_unit_id_code"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("pledged_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("language IN ('vi', 'en')", name=op.f("ck_people_language")),
        sa.CheckConstraint(
            "state IN ('joined', 'left', 'unreachable')", name=op.f("ck_people_state")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_people_channel_id"),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name="fk_people_household_id"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_people_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("channel_id", "chat", name="uq_people_channel_id_chat"),
    )
    op.create_index("ix_people_household", "people", ["household_id"])
    op.create_index("ix_people_unit", "people", ["unit_id", "state", "channel_id"])


def _traffic() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'handled') = (conversation IS NULL)",
            name=op.f("ck_inbox_nameless_once_handled"),
        ),
        sa.CheckConstraint(
            "(state = 'handled') = (sealed IS NULL)", name=op.f("ck_inbox_wiped_once_handled")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'handled', 'set_aside')", name=op.f("ck_inbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("channel_id", "event_id", name="uq_inbox_channel_id_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_inbox_conversation", "inbox", ["conversation", "id"], **_where("state = 'waiting'")
    )
    op.create_index("ix_inbox_done", "inbox", ["state", "done_at"], **_where("state <> 'waiting'"))
    op.create_index("ix_inbox_waiting", "inbox", ["id", "free_at"], **_where("state = 'waiting'"))
    op.create_table(
        "dialogues",
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name="pk_dialogues"),
    )
    op.create_index("ix_dialogues_expires", "dialogues", ["expires_at"])
    op.create_table(
        "mailboxes",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", name="pk_mailboxes"),
    )
    op.create_table(
        "letters",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("is_secret", sa.Boolean(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "number", name="pk_letters"),
    )
    op.create_index("ix_letters_put", "letters", ["put_at"])


def _outbox() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("grace", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'overdue', 'sending', 'paused', 'cancelled')",
            name=op.f("ck_announcements_state"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["officers.id"], name="fk_announcements_author_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_announcements_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
        sa.UniqueConstraint("slug", name="uq_announcements_slug"),
    )
    op.create_index("ix_announcements_state", "announcements", ["state", "due_at"])
    op.create_index("ix_announcements_unit", "announcements", ["unit_id", "written_at"])
    op.create_table(
        "deliveries",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("conversation", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("announcement_id", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('waiting', 'sending')) = (done_at IS NULL)",
            name=op.f("ck_deliveries_done_has_a_moment"),
        ),
        sa.CheckConstraint(
            "announcement_id IS NOT NULL OR (state IN ('waiting', 'sending')) = "
            "(conversation IS NOT NULL)",
            name=op.f("ck_deliveries_reply_nameless_once_done"),
        ),
        sa.CheckConstraint(
            "announcement_id IS NOT NULL OR (state IN ('waiting', 'sending')) = "
            "(sealed IS NOT NULL)",
            name=op.f("ck_deliveries_reply_wiped_once_done"),
        ),
        sa.CheckConstraint(
            "reason IN ('blocked', 'deactivated', 'not_found', 'opted_out', 'left', "
            "'no_window', 'no_quota', 'too_many', 'doubled', 'cancelled', 'refused', "
            "'slowed_down', 'no_connection', 'no_answer', 'platform_error')",
            name=op.f("ck_deliveries_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'sending' OR attempt_id IS NOT NULL",
            name=op.f("ck_deliveries_sending_has_attempt"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'skipped', 'unknown')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.CheckConstraint(
            "announcement_id IS NULL OR (sealed IS NULL AND conversation IS NULL)",
            name=op.f("ck_deliveries_copy_holds_no_body"),
        ),
        sa.CheckConstraint("lane IN (0, 1, 2)", name=op.f("ck_deliveries_lane")),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name="fk_deliveries_announcement_id"
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_deliveries_channel_id"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_deliveries_person_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint(
            "person_id", "announcement_id", name="uq_deliveries_person_id_announcement_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_announcement",
        "deliveries",
        ["announcement_id", "state", "reason", "done_at"],
    )
    op.create_index(
        "ix_deliveries_conversation",
        "deliveries",
        ["conversation", "id"],
        **_where("conversation IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_copies",
        "deliveries",
        ["announcement_id", "channel_id", "id"],
        **_where("state = 'waiting' AND announcement_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["announcement_id", "channel_id", "free_at"],
        **_where("state = 'waiting' AND announcement_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_old_replies", "deliveries", ["done_at"], **_where("announcement_id IS NULL")
    )
    op.create_index(
        "ix_deliveries_replies",
        "deliveries",
        ["channel_id", "lane", "id"],
        **_where("state = 'waiting' AND announcement_id IS NULL"),
    )
    op.create_index(
        "ix_deliveries_sending", "deliveries", ["free_at"], **_where("state = 'sending'")
    )


def _tips() -> None:
    op.create_table(
        "tips",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("visible_at", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("receipt_salt", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "category IN ('crime', 'fire', 'traffic', 'drugs', 'scam', 'violence', "
            "'children', 'trafficking', 'weapons', 'disorder', 'mediation')",
            name=op.f("ck_tips_category"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'in_verification', 'needs_more', 'passed_on', "
            "'resolved', 'unfounded', 'doubled', 'spam', 'false')",
            name=op.f("ck_tips_state"),
        ),
        sa.ForeignKeyConstraint(["claimed_by"], ["officers.id"], name="fk_tips_claimed_by"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_tips_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tips"),
        sa.UniqueConstraint("locator", name="uq_tips_locator"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tips_queue", "tips", ["unit_id", "state", "is_urgent", "received_at"])
    op.create_table(
        "tip_records",
        sa.Column("tip_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('report', 'reason', 'note')", name=op.f("ck_tip_records_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name="fk_tip_records_tip_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "sequence", name="pk_tip_records"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tip_keys",
        sa.Column("tip_id", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["key_holders.id"], name="fk_tip_keys_holder_id"),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name="fk_tip_keys_tip_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "holder_id", name="pk_tip_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tip_keys_holder", "tip_keys", ["holder_id"])
    op.create_table(
        "receipt_tries",
        sa.Column("id", _ROW_NUMBER, nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipt_tries"),
    )
    op.create_index("ix_receipt_tries_at", "receipt_tries", ["at"])
    op.create_index("ix_receipt_tries_locator", "receipt_tries", ["locator", "at"])


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_table(
        "fired",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", "moment", name="pk_fired"),
    )
    op.create_index("ix_fired_moment", "fired", ["moment"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_settings"),
    )
