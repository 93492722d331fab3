"""Somebody who asked for a person and wrote something, as the officers' pages find it."""

from bot.core.channels import ChannelKind
from bot.core.handovers import HandoverReason
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Incoming, IncomingKind, Outgoing
from bot.core.turns import Turn
from bot.core.units import Unit
from bot.services.channels.channels import WEB
from tests.console.rig import Rig


def turn_of(rig: Rig, unit: Unit, chat: str, channel_id: ChannelId = WEB) -> Turn:
    """Return a turn of somebody of the unit."""
    incoming = Incoming(
        channel_id=channel_id, event_id=f"e-{chat}", kind=IncomingKind.TEXT, chat=chat
    )
    return Turn(
        incoming=incoming,
        conversation=rig.envelopes.conversation(channel_id, chat),
        channel_kind=ChannelKind.WEB if channel_id == WEB else ChannelKind.ZALO,
        language=Language.VI,
        unit=unit,
    )


async def asked(rig: Rig, unit: Unit, chat: str, *words: str, channel_id: ChannelId = WEB) -> str:
    """Let somebody ask for a person and write; return the handover's id."""
    turn, asking = turn_of(rig, unit, chat, channel_id), rig.handovers.asking
    async with rig.storage.begin() as work:
        await asking.ask(turn, HandoverReason.ASKED)(work)
        for text in words:
            await asking.wrote(turn, text, anew=Outgoing(text="anew"))(work)
        await work.commit()
    async with rig.storage.read() as work:
        found = await asking.current(work, turn.conversation)
    assert found is not None
    return found.id
