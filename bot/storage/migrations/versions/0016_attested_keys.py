"""What proves that this program put a public key there."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "key_holders", sa.Column("attested", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("key_holders", "attested")
