"""Whatever happens to groups, in whatever order it is told: what must hold afterwards."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.groups import GROUP_MOVES, GroupState
from bot.core.ids import ChannelId
from bot.core.messages import GroupChange, GroupEvent, IncomingKind
from tests.builders.town import Town

TELEGRAM = ChannelId("telegram")
OLD, NEW = "-100", "-100500"


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One event at one id of the group; `code` instead of an event: an officer's code is typed."""

    chat: str
    event: GroupEvent | None
    can_delete: bool = False


HAPPENINGS = st.lists(
    st.builds(
        Happening,
        chat=st.sampled_from([OLD, NEW]),
        event=st.sampled_from([*GroupEvent, None]),
        can_delete=st.booleans(),
    ),
    max_size=12,
)


async def play(town: Town, one: Happening) -> None:
    address = town.talk("telegram", chat=one.chat, is_group=True).incoming("").address
    conversation = town.envelopes.conversation(TELEGRAM, one.chat)
    if one.event is None:
        code = await town.group_parts.codes.make(town.hamlet.id, by=None)
        redemption = await town.group_parts.codes.redeem(address, conversation, code.code)
        async with town.storage.begin() as work:
            if redemption.effect is not None:
                await redemption.effect(work)
            await work.commit()
        return
    change = GroupChange(
        event=one.event,
        name="Nhóm bịa",
        can_delete=one.can_delete,
        moved_to=NEW if one.event is GroupEvent.MOVED else "",
    )
    # Only the old id can have moved.
    chat = OLD if one.event is GroupEvent.MOVED else one.chat
    talk = town.talk("telegram", chat=chat, is_group=True)
    incoming = replace(talk.incoming("", IncomingKind.GROUP), group=change)
    async with town.storage.begin() as work:
        await town.groups.heard(work, incoming, conversation)
        await work.commit()


@pytest.mark.timeout(120)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(happenings=HAPPENINGS)
async def test_a_group_is_one_row_lawfully_linked_whatever_is_told_of_it(
    town: Town, happenings: list[Happening]
) -> None:
    async with town.storage.begin() as work:
        for group in await work.groups.of_channel(TELEGRAM):
            await work.groups.remove(group.id)
        await work.commit()
    before: dict[str, GroupState] = {}
    for one in happenings:
        await play(town, one)
        async with town.storage.read() as work:
            groups = await work.groups.of_channel(TELEGRAM)
        for group in groups:
            was = before.get(group.id, group.state)
            steps = GROUP_MOVES[was] | {was}
            # Let in again by a code: gone, seen, linked within one transaction.
            assert group.state in steps | {GroupState.LINKED}
            assert (group.unit_id is not None) or group.state is not GroupState.LINKED
            assert group.state is not GroupState.SEEN or group.unit_id is None
        before = {group.id: group.state for group in groups}
        if one.event is GroupEvent.MOVED:
            assert [group.chat for group in groups] == [NEW]
        if one.event in {GroupEvent.REMOVED, GroupEvent.CLOSED}:
            assert all(
                group.state is GroupState.GONE for group in groups if group.chat == one.chat
            )
    assert len(before) <= 2
