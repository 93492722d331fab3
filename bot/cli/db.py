"""binhyen db: which version the database is at, and bringing it up to date."""

from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_settings
from bot.cli.reply import Reply
from bot.config import Config

if TYPE_CHECKING:
    from bot.storage.schema import SchemaState


@click.group("db", cls=Noun)
def db() -> None:
    """Look at the database's version, or bring it up to date."""


@db.command("upgrade")
def upgrade() -> Reply:
    """Bring the database up to date; make its tables if it is empty."""

    async def done(config: Config) -> Reply:
        from bot.app.locking import make_data_folder  # noqa: PLC0415 - so that --help stays quick
        from bot.storage import schema  # noqa: PLC0415 - same

        make_data_folder(config.data_dir)
        before = await schema.upgrade(config.database_url)
        document = {"from": before.current, "to": before.head, "is_changed": not before.is_current}
        if before.is_current:
            line = f"The database was up to date already (version {before.head})."
        else:
            line = f"The database is now at version {before.head} ({_named(before)})."
        return Reply(document=document, lines=[line])

    return with_settings(done)


def _named(before: "SchemaState") -> str:
    return "it was empty" if before.is_empty else f"it was at {before.current}"


@db.command("check")
def check() -> Reply:
    """Say whether the database is up to date; exit status 1 if it is not."""

    async def done(config: Config) -> Reply:
        state = await state_of(config)
        document = {
            "current": state.current,
            "wanted": state.head,
            "is_current": state.is_current,
        }
        if state.is_current:
            return Reply(document=document, lines=[f"The database is at version {state.head}."])
        return Reply(document=document, complaint=_fix(state))

    return with_settings(done)


async def state_of(config: Config) -> "SchemaState":
    """Return the database's version; looking makes no file. Raise `StorageTrouble`."""
    from bot.storage import engine, schema  # noqa: PLC0415 - so that --help stays quick

    path = engine.sqlite_path(engine.read_url(config.database_url))
    if path is not None and not path.exists():
        return schema.SchemaState(current=None)
    return await schema.check(config.database_url)


def _fix(state: "SchemaState") -> str:
    if state.is_newer:
        return (
            f"The database is of a newer version ({state.current}) than this program"
            f" ({state.head}); install the newer program"
        )
    return f"The database ({_named(state)}) is not at {state.head}; run: binhyen db upgrade"


@db.command("grant")
@click.option("--receiving", metavar="USER", required=True, help="who talks with residents")
@click.option("--reading", metavar="USER", required=True, help="who serves officers")
def grant(receiving: str, reading: str) -> Reply:
    """Give two database users their rights, as the owner of the tables (PostgreSQL only)."""

    async def done(config: Config) -> Reply:
        from bot.storage.domains import Domain  # noqa: PLC0415 - so that --help stays quick
        from bot.storage.domains import grant as carry_out  # noqa: PLC0415 - same

        if config.is_sqlite:
            return Reply(
                document={"is_done": False},
                complaint="SQLite has no users; this needs PostgreSQL (BINHYEN_DATABASE_URL)",
            )
        users = {Domain.RECEIVING: receiving, Domain.READING: reading}
        statements = await carry_out(config.database_url, users)
        return Reply(
            document={"is_done": True, "statements": statements},
            lines=[
                f"{receiving} may serve as gateway and worker, {reading} as console.",
                "Do this again after every 'binhyen db upgrade'.",
            ],
        )

    return with_settings(done)
