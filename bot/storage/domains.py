"""Two database users on PostgreSQL, so that neither side of tips can read what the other knows.

`receiving` (the roles gateway and worker) talks with residents: it may put in the wrapped key of
a tip and forget it, and never read one, nor the locked private key of anybody who reads tips.
`reading` (the role console) serves officers: it may never read what residents wrote to the bot,
what is on its way to them, or where an answer to a tip goes. Tables belong to a third user, who
brings the schema up to date. What each side may not read is listed here, in one place; everything
else is granted.

Columns are granted one by one where only some are kept from a side. So a statement that reads
"every column" of such a table fails for it, which the tests of the two users find.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from bot.storage import tables
from bot.storage.engine import postgres_engine, read_url, sqlite_path
from bot.storage.troubles import connecting

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_WRITES: Final = ("INSERT", "UPDATE", "DELETE")
_ALL: Final = "*"


class Domain(StrEnum):
    """Which side a process is on."""

    RECEIVING = "receiving"
    READING = "reading"


# The columns a side may not read; `*` is the whole table, which it then may not write either,
# but for what `WRITTEN_UNREAD` names.
UNREAD: Final[Mapping[Domain, Mapping[str, frozenset[str]]]] = {
    Domain.RECEIVING: {
        "tip_keys": frozenset({"wrapped"}),
        "key_holders": frozenset({"locked_private"}),
        "saved_filters": frozenset({_ALL}),
        "route_letters": frozenset({"sealed", "letter_box"}),
        # The worker forgets old ones by their age and reads no word of them.
        "content_drafts": frozenset({"value", "reason"}),
    },
    Domain.READING: {
        "inbox": frozenset({"sealed", "conversation", "event_id"}),
        "deliveries": frozenset({"sealed", "conversation"}),
        "dialogues": frozenset({_ALL}),
        "handovers": frozenset({"chat", "way"}),
        "mailboxes": frozenset({_ALL}),
        "letters": frozenset({_ALL}),
        "tip_routes": frozenset({_ALL}),
        "route_chats": frozenset({_ALL}),
        "route_posts": frozenset({_ALL}),
    },
}
# What was done is not changed by anybody; only its owner could.
APPENDED: Final = frozenset({"audit", "content_edits"})
# Put in by one side for the other.
WRITTEN_UNREAD: Final[Mapping[Domain, frozenset[str]]] = {
    Domain.RECEIVING: frozenset(),
    Domain.READING: frozenset({"route_posts"}),
}


def grants(domain: Domain, user: str) -> Iterator[str]:
    """Yield the statements that give `user` the rights of a side and no others."""
    quoted = _quoted(user)
    unread = UNREAD[domain]
    yield f"GRANT USAGE ON SCHEMA public TO {quoted}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}"
    yield f"GRANT SELECT ON alembic_version TO {quoted}"
    for name, table in sorted(tables.metadata.tables.items()):
        hidden = unread.get(name, frozenset())
        if _ALL in hidden:
            if name in WRITTEN_UNREAD[domain]:
                yield f"GRANT INSERT ON {name} TO {quoted}"
            continue
        writes = ("INSERT",) if name in APPENDED else _WRITES
        yield f"GRANT {', '.join(writes)} ON {name} TO {quoted}"
        if hidden:
            seen = ", ".join(
                _quoted(column.name) for column in table.c if column.name not in hidden
            )
            yield f"GRANT SELECT ({seen}) ON {name} TO {quoted}"
        else:
            yield f"GRANT SELECT ON {name} TO {quoted}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def grant(url: str, users: Mapping[Domain, str]) -> list[str]:
    """Carry the grants out as the owner of the tables; return the statements.

    Both users must exist. Raise `StorageTrouble`, or `ValueError` for SQLite, which has no users.
    """
    parsed = read_url(url)
    if sqlite_path(parsed) is not None:
        raise ValueError("SQLite has no users")
    statements = [line for domain, user in users.items() for line in grants(domain, user)]
    engine = postgres_engine(parsed)
    try:
        with connecting():
            async with engine.begin() as connection:
                await _run(connection, statements)
    finally:
        await engine.dispose()
    return statements


async def _run(connection: "AsyncConnection", statements: list[str]) -> None:
    for statement in statements:
        await connection.execute(text(statement))
