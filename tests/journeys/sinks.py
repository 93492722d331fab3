"""Where anything of what residents do may end up, in one list that fails when it has a gap.

A kind of file nobody declared, a command nobody declared, a place in the code that talks to the
outside and is not declared: each fails a test, so that whoever adds one says how it is searched.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from bot.cli.entry import root

# What may lie in the data folder and in the folder for temporary files. Keys are random and left
# out of the search: they are never written by what happens.
FILES: Final = (
    r"binhyen\.db(-wal|-shm|-journal)?",
    r"serve\.[a-z]+\.lock",
    r"backup\.lock",
    r"backups/.+",
    r"keys/.+",
)
# Commands that tell of what is kept; what they print is searched after a walk.
TELLING: Final = (
    *("announcement results NEWS", "audit head", "audit verify", "backup list", "channel list"),
    *("doctor", "group list", "hook list", "household list", "keys list", "officer list"),
    *("tip list --unit DEMO", "token list", "unit list"),
)
# Commands that do one thing and print no more than what they were given or have just made.
DOING: Final = frozenset(
    {
        *("announcement cancel", "announcement correct", "announcement pause"),
        *("announcement recall", "announcement resume", "announcement send", "announcement show"),
        *("ask", "audit key", "backup check", "backup make", "backup restore"),
        *("channel add telegram", "channel add zalo", "channel check", "channel price"),
        *(
            "channel remove",
            "content check",
            "content evaluate",
            "content learn",
            "db check",
            "db grant",
            "db upgrade",
        ),
        *("group code", "group link", "group make", "group sync", "group unlink"),
        *("hook add", "hook remove", "hook test", "household import", "keys check"),
        *("keys exchange", "keys give", "keys paper", "keys split", "officer add"),
        *("officer leave", "officer link", "officer roles", "serve", "token add"),
        *("token revoke", "unit add", "unit import"),
    }
)
# Code that opens connections of its own: whose requests a walk captures.
SENDERS: Final[Mapping[str, str]] = {
    "bot/app/ground.py": "platforms and hooks: captured by stubs and by a receiver",
    "bot/app/renewal_apart.py": "renews tokens, knows no resident",
    "bot/delivery/smtp.py": "letters to officers: captured by a mail server",
    "bot/channels/zalo/media.py": "fetches pictures from where a platform keeps them",
}
_OPENS: Final = re.compile(
    r"ClientSession\(|smtplib|urlopen\(|open_connection\(|create_connection\(|httpx\.|HTTPXRequest\("
)
ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("bot", "console", "content", "handlers", "scheduler")


def is_known(name: str) -> bool:
    """Tell whether a file of that name, from its folder on, is of a declared kind."""
    return any(re.fullmatch(kind, name) for kind in FILES)


def commands() -> Iterator[str]:
    """Yield every command there is, as it is typed."""
    yield from _below(root, ())


def _below(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(words)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from _below(found, (*words, name))


def senders() -> set[str]:
    """Return the modules that open connections to the outside."""
    return {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if _OPENS.search(path.read_text())
    }
