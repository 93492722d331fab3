"""What is done to groups in the tests of their services."""

from dataclasses import replace

from bot.core.groups import Group
from bot.core.ids import ChannelId, OfficerId, UnitId
from bot.core.messages import GroupChange, GroupEvent, IncomingKind, Outgoing
from bot.core.officers import Officer, Role
from bot.services.groups.codes import Verdict
from tests.builders.town import Town

TELEGRAM, ZALO = ChannelId("telegram"), ChannelId("zalo")
OLD, NEW = "-100", "-100500"
NAME = "Tổ 1 (bịa)"


async def happens(
    town: Town,
    event: GroupEvent,
    *,
    chat: str = OLD,
    channel: ChannelId = TELEGRAM,
    **change: object,
) -> list[Outgoing]:
    """Let something happen to a group; return what is said in it."""
    incoming = replace(
        town.talk(channel, chat=chat, is_group=True).incoming("", IncomingKind.GROUP),
        group=GroupChange(event=event, **change),  # type: ignore[arg-type] # fields by name
    )
    await town.reception().receive([incoming])
    while await town.conversations().step():
        pass
    return await town.outbox()


async def group_at(town: Town, chat: str = OLD, channel: ChannelId = TELEGRAM) -> Group | None:
    async with town.storage.read() as work:
        return await work.groups.find(channel, chat)


async def found(town: Town, chat: str = OLD) -> Group:
    group = await group_at(town, chat)
    assert group is not None
    return group


async def linked(town: Town, *, chat: str = OLD, unit_id: UnitId | None = None) -> Group:
    """Return a group that was let in and linked with a code."""
    await happens(town, GroupEvent.ADDED, chat=chat, name=NAME)
    code = await town.group_parts.codes.make(unit_id or town.hamlet.id, by=None)
    assert await typed(town, code.code, chat=chat) is Verdict.LINKED
    return await found(town, chat)


async def typed(
    town: Town, code: str, *, chat: str = OLD, channel: ChannelId = TELEGRAM
) -> Verdict:
    """Type a code in a group; carry out what it brings."""
    address = town.talk(channel, chat=chat, is_group=True).incoming("").address
    conversation = town.envelopes.conversation(channel, chat)
    redemption = await town.group_parts.codes.redeem(address, conversation, code)
    async with town.storage.begin() as work:
        if redemption.effect is not None:
            await redemption.effect(work)
        await work.commit()
    return redemption.verdict


def officer(town: Town, unit_id: UnitId | None = None, *roles: Role) -> Officer:
    return Officer(
        id=OfficerId("o1"),
        login="bia",
        name="Cán Bộ Bịa",
        unit_id=unit_id or town.commune.id,
        roles=frozenset(roles or {Role.ADMIN}),
        password_hash="x",
        added_at=town.clock.now(),
    )
