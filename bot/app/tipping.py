"""Both sides of tips, joined over the program's parts. They meet nowhere but in the database."""

from typing import TYPE_CHECKING

from bot.services.tips.reading.reading import Reading, made_reading
from bot.services.tips.receiving.receiving import Receiving, made_receiving

if TYPE_CHECKING:
    from bot.app.program import Program


def made_tip_receiving(program: "Program") -> Receiving:
    """Return the senders' side."""
    return made_receiving(
        storage=program.storage,
        seals=program.vault.seals,
        weeks=program.vault.weeks,
        envelopes=program.envelopes,
        voice=program.book.voice("tips"),
        clock=program.clock,
        chance=program.chance,
        delay_max_s=program.config.tip_delay_max_s,
        route_days=program.config.route_days,
    )


def made_tip_reading(program: "Program") -> Reading:
    """Return the officers' side."""
    return made_reading(
        storage=program.storage,
        seals=program.vault.seals,
        weeks=program.vault.weeks,
        audit=program.audit,
        clock=program.clock,
        chance=program.chance,
        delay_max_s=program.config.tip_delay_max_s,
    )
