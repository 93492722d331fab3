"""binhyen tip: what is known of tips without opening them."""

from typing import TYPE_CHECKING

import click

from bot.cli.nouns import Noun
from bot.cli.opening import with_program
from bot.cli.reply import Reply, table
from bot.services.audit import MACHINE

if TYPE_CHECKING:
    from bot.app.program import Program


@click.group("tip", cls=Noun)
def tip() -> None:
    """Show what is known of tips without opening them."""


@tip.command("list")
@click.option("--unit", "code", required=True, help="The code of the unit; those under it count.")
def list_(code: str) -> Reply:
    """List tips without their content, which needs a moderator's key. Audited."""

    async def done(program: "Program") -> Reply:
        unit = await program.units.by_code(code)
        tips = await program.reading.queue.metadata(unit, by=MACHINE)
        found: list[dict[str, object]] = [
            {
                "reference": one.reference,
                "category": one.category.value,
                "status": one.state.value,
                "is_urgent": one.is_urgent,
                "received_at": one.received_at,
            }
            for one in tips
        ]
        zone = program.config.timezone
        rows = [
            (
                one.reference,
                f"{one.received_at.astimezone(zone):%Y-%m-%d %H:%M}",
                one.category.value,
                one.state.value,
                "urgent" if one.is_urgent else "",
            )
            for one in tips
        ]
        return Reply(
            document={"unit": code, "tips": found},
            lines=table(rows, empty="There are no tips to show."),
        )

    return with_program(done)
