"""A permission taken away is believed until it is given anew; quotas are kept to be shown."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.channels import AccountState, ChannelAccount, ChannelKind
from bot.core.ids import ChannelId
from bot.core.messages import AccountChange, AccountEvent, Incoming, IncomingKind
from tests.builders.town import Town

REVOKED = AccountChange(event=AccountEvent.REVOKED)


async def connected(town: Town) -> ChannelAccount:
    account = await town.channels.add(
        kind=ChannelKind.ZALO,
        unit_id=town.commune.id,
        name="OA bịa",
        settings={"oa_id": "1"},
        credentials={"token": "x"},
        by="test",
    )
    await town.channels.refresh()
    return account


async def hears(
    town: Town, channel_id: ChannelId, change: AccountChange, *, at: datetime | None = None
) -> None:
    town.event_handlers[IncomingKind.ACCOUNT] = town.account_events.heard
    incoming = Incoming(
        channel_id=channel_id,
        event_id=town.event_id(),
        kind=IncomingKind.ACCOUNT,
        account=change,
        at=at or town.clock.now(),
    )
    await town.reception().receive([incoming])
    conversations = town.conversations()
    while await conversations.step():
        pass
    assert await town.outbox() == []


async def account_of(town: Town, channel_id: ChannelId) -> ChannelAccount:
    async with town.storage.read() as work:
        return await work.channels.get(channel_id)


async def test_a_permission_taken_away_breaks_the_account_at_once_and_says_why(
    town: Town,
) -> None:
    account = await connected(town)
    town.clock.advance(60)
    await hears(town, account.id, REVOKED)
    broken = await account_of(town, account.id)
    assert broken.state is AccountState.BROKEN
    assert "Kết nối lại" in broken.trouble
    newest, *_ = await town.audit.newest()
    assert (newest.record.act, newest.record.subject) == ("channel.revoked", account.id)


async def test_neither_a_send_that_seems_to_work_nor_another_trouble_mends_it(
    town: Town,
) -> None:
    account = await connected(town)
    town.clock.advance(60)
    await hears(town, account.id, REVOKED)
    before = await account_of(town, account.id)
    for trouble in ("", "no_connection", ""):
        await town.channels.mark(account.id, trouble=trouble)
    assert await account_of(town, account.id) == before


async def test_a_check_says_that_it_was_taken_away_whatever_the_platform_still_answers(
    town: Town,
) -> None:
    account = await connected(town)
    town.clock.advance(60)
    await hears(town, account.id, REVOKED)
    first, *_ = await town.channels.check(account.id)
    assert not first.is_well
    assert "Kết nối lại" in first.what
    assert (await account_of(town, account.id)).state is AccountState.BROKEN


async def test_connecting_anew_mends_it_and_from_then_on_sends_count_again(town: Town) -> None:
    account = await connected(town)
    town.clock.advance(60)
    await hears(town, account.id, REVOKED)
    await town.channels.reconnect(
        account.id, settings={"oa_id": "1"}, credentials={"token": "y"}, by="test"
    )
    assert (await account_of(town, account.id)).state is AccountState.ACTIVE
    await town.channels.mark(account.id, trouble="no_quota")
    await town.channels.mark(account.id, trouble="")
    assert (await account_of(town, account.id)).state is AccountState.ACTIVE


async def test_news_from_before_it_was_connected_anew_breaks_nothing(town: Town) -> None:
    account = await connected(town)
    early = town.clock.now()
    town.clock.advance(60)
    await town.channels.reconnect(
        account.id, settings={"oa_id": "1"}, credentials={"token": "y"}, by="test"
    )
    town.clock.advance(60)
    await hears(town, account.id, REVOKED, at=early + timedelta(seconds=30))
    assert (await account_of(town, account.id)).state is AccountState.ACTIVE


async def test_told_twice_it_is_written_down_once(town: Town) -> None:
    account = await connected(town)
    town.clock.advance(60)
    for _ in range(2):
        await hears(town, account.id, REVOKED)
    acts = [entry.record.act for entry in await town.audit.newest()]
    assert acts.count("channel.revoked") == 1


async def test_the_newest_quota_is_kept_to_be_shown(town: Town) -> None:
    account = await connected(town)
    assert await town.account_events.quotas() == {}
    quota = AccountChange(event=AccountEvent.QUOTA, note="500 → 2000")
    await hears(town, account.id, quota)
    town.clock.advance(60)
    await hears(town, account.id, replace(quota, note="2000 → 500"))
    kept = await town.account_events.quotas()
    assert [(note.note, note.at) for note in kept.values()] == [("2000 → 500", town.clock.now())]
    assert set(kept) == {account.id}
