"""Runs migrations on the connection `bot.storage.schema` hands over, inside its transaction."""

from alembic import context

from bot.storage import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    # SQLite cannot alter most of a table; Alembic rebuilds it instead.
    render_as_batch=True,
)
context.run_migrations()
