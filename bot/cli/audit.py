"""binhyen audit: the chain of who did what."""

from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Reply

if TYPE_CHECKING:
    from bot.app.program import Program


@click.group("audit", cls=Noun)
def audit() -> None:
    """Verify the chain of who did what."""


@audit.command("verify")
def verify() -> Reply:
    """Walk the chain and name the first entry that was changed, removed or swapped."""

    async def done(program: "Program") -> Reply:
        report = await program.audit.verify()
        document = {
            "entries": report.entries,
            "is_whole": report.broken_at is None,
            "broken_at": report.broken_at,
        }
        if report.broken_at is None:
            return Reply(
                document=document, lines=[f"The chain is whole: {report.entries} entries."]
            )
        complaint = (
            f"The chain is broken at entry {report.broken_at}; it was changed outside the program."
            " Keep the database as it is and compare it with the last backup"
        )
        return Reply(document=document, complaint=complaint)

    return with_program(done)
