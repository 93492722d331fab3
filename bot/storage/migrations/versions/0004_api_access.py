"""Tokens of other software, hooks and the calls to them, slips of requests that may come again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KINDS = (
    *(
        "group_code",
        "group_try",
        "group_alarm",
        "group_album",
        "officer_code",
        "stand_back",
        "echo",
    ),
    *("call_back", "shelf"),
)
_IS_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    _api_tokens()
    _hooks()
    _hook_calls()
    # In the order in which the program lists them.
    _kinds_of_slips(*_KINDS[:-1], "api_call", _KINDS[-1])


def downgrade() -> None:
    op.execute("DELETE FROM slips WHERE kind = 'api_call'")
    _kinds_of_slips(*_KINDS)
    for table in ("hook_calls", "hooks", "api_tokens"):
        op.drop_table(table)


def _api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("used_on", sa.Date()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["officer_id"], ["officers.id"], name="fk_api_tokens_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
    )
    op.create_index("ix_api_tokens_officer", "api_tokens", ["officer_id"])


def _hooks() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'off')", name=op.f("ck_hooks_state")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_hooks_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
    )


def _hook_calls() -> None:
    op.create_table(
        "hook_calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hook_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.CheckConstraint(
            "event IN ('announcement.finished', 'tip.received', 'hook.test')",
            name=op.f("ck_hook_calls_event"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'given_up')", name=op.f("ck_hook_calls_state")
        ),
        sa.ForeignKeyConstraint(
            ["hook_id"], ["hooks.id"], name="fk_hook_calls_hook_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_hook_calls"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_hook_calls_due",
        "hook_calls",
        ["not_before"],
        sqlite_where=_IS_WAITING,
        postgresql_where=_IS_WAITING,
    )
    op.create_index("ix_hook_calls_hook", "hook_calls", ["hook_id", "state"])


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
