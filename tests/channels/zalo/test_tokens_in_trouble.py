"""The token pair is never lost by an answer that failed; what is lost is said loudly."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.channels.zalo.pairs import ACCESS_TOKEN, EXPIRES_AT
from bot.channels.zalo.tokens import LOOK_AGAIN_AFTER_LOSS, REST_S
from bot.core.channels import Credentials, Renewal
from bot.core.errors import StorageTrouble
from bot.core.messages import Outgoing
from bot.core.sending import ChannelBroken, PlatformTrouble, TryLater
from tests.channels.rigs_zalo import ZaloRig, pair_of
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_oauth import OauthManners

TEXT = Outgoing(text="một")
TOKEN_PATH = "/v4/oa/access_token"


def expire(rig: ZaloRig) -> None:
    rig.stub.clock.advance(26 * 3600)
    rig.person.last_interaction_at = rig.stub.clock.now()


def know_expiry(rig: ZaloRig, at: datetime) -> None:
    rig.store.put({**rig.store.stored.values, EXPIRES_AT: at.isoformat()})


@pytest.mark.parametrize("kind", [FaultKind.HTML_502, FaultKind.ERROR_500])
async def test_trouble_with_renewing_ahead_stops_no_message_and_is_not_tried_at_once(
    rig: ZaloRig, kind: FaultKind
) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2))
    rig.stub.fail_next(kind, method=TOKEN_PATH)

    for _ in range(3):
        await rig.channel.send(rig.address, TEXT)
    assert rig.stub.calls[TOKEN_PATH] == 1

    rig.stub.clock.advance(301)
    await rig.channel.send(rig.address, TEXT)
    assert rig.stub.oauth.refreshes == 1


@pytest.mark.parametrize("kind", [FaultKind.HTML_502, FaultKind.ERROR_500])
async def test_no_failure_of_a_gateway_loses_the_pair(rig: ZaloRig, kind: FaultKind) -> None:
    expire(rig)
    before = rig.store.stored
    rig.stub.fail_next(kind, method=TOKEN_PATH)

    with pytest.raises(TryLater):
        await rig.channel.send(rig.address, TEXT)
    assert rig.store.stored == before

    rig.stub.clock.advance(REST_S)
    await rig.channel.send(rig.address, TEXT)
    assert len(rig.stub.sent) == 1


@pytest.mark.parametrize(
    "kind", [FaultKind.RUBBISH, FaultKind.CLOSE_BEFORE, FaultKind.HANG, FaultKind.EMPTY]
)
async def test_what_nobody_can_make_sense_of_is_asked_once_more(
    rig: ZaloRig, kind: FaultKind
) -> None:
    expire(rig)
    rig.stub.fail_next(kind, method=TOKEN_PATH)

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.calls[TOKEN_PATH] == 2
    assert rig.stub.oauth.refreshes == 1
    assert rig.store.stored.values[ACCESS_TOKEN] == rig.stub.tokens.access_token


@pytest.mark.parametrize(
    "kind", [FaultKind.RUBBISH, FaultKind.CLOSE_BEFORE, FaultKind.HANG, FaultKind.HTML_502]
)
async def test_trouble_twice_leaves_the_pair_as_it_is(rig: ZaloRig, kind: FaultKind) -> None:
    expire(rig)
    before = rig.store.stored
    rig.stub.fail_next(kind, method=TOKEN_PATH, times=2)

    with pytest.raises(TryLater):
        await rig.channel.send(rig.address, TEXT)
    assert rig.store.stored == before
    rig.stub.faults.clear()

    rig.stub.clock.advance(REST_S)
    await rig.channel.send(rig.address, TEXT)
    assert len(rig.stub.sent) == 1
    assert rig.store.reported == []


async def test_many_messages_that_wait_for_a_failing_renewal_ask_for_it_once(rig: ZaloRig) -> None:
    expire(rig)
    rig.stub.fail_next(FaultKind.HTML_502, method=TOKEN_PATH)

    ends = await asyncio.gather(
        *(rig.channel.send(rig.address, TEXT) for _ in range(20)), return_exceptions=True
    )

    assert {type(end) for end in ends} == {PlatformTrouble}
    assert rig.stub.calls[TOKEN_PATH] == 1


async def test_a_pair_lost_on_the_way_is_said_loudly_and_not_asked_for_again(
    rig: ZaloRig,
) -> None:
    expire(rig)
    rig.stub.fail_next(FaultKind.CLOSE_AFTER, method=TOKEN_PATH)

    for _ in range(3):
        with pytest.raises(ChannelBroken, match="zalo_reconnect"):
            await rig.channel.send(rig.address, TEXT)

    assert rig.stub.calls[TOKEN_PATH] == 2
    assert rig.store.reported == ["zalo_reconnect"]
    assert [finding.fix for finding in await rig.channel.check()] == ["zalo_reconnect"]


async def test_after_connecting_again_the_channel_works(rig: ZaloRig) -> None:
    rig.stub.oauth.revoke(rig.stub.oa.oa_id)
    with pytest.raises(ChannelBroken, match="zalo_reconnect"):
        await rig.channel.send(rig.address, TEXT)

    rig.stub.oauth.issue(rig.stub.oa.oa_id)
    rig.store.put(pair_of(rig.stub))
    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 1


@pytest.mark.parametrize(
    "manners",
    [OauthManners(), OauthManners(quotes_error_numbers=True)],
    ids=["number", "number in quotes"],
)
@pytest.mark.parametrize("code", [-14014, -118])
async def test_a_refresh_token_of_no_use_asks_for_a_new_connection(
    rig: ZaloRig, code: int, manners: OauthManners
) -> None:
    rig.stub.oauth.manners = manners
    expire(rig)
    rig.stub.fail_next(FaultKind.REFUSED, method=TOKEN_PATH, code=code)

    with pytest.raises(ChannelBroken, match="zalo_reconnect"):
        await rig.channel.send(rig.address, TEXT)


@pytest.mark.parametrize("code", [-14002, -14003, -14012, -14024, -14029])
async def test_another_refusal_of_oauth_tells_its_code(rig: ZaloRig, code: int) -> None:
    expire(rig)
    before = rig.store.stored
    rig.stub.fail_next(FaultKind.REFUSED, method=TOKEN_PATH, code=code)

    with pytest.raises(ChannelBroken, match=f"zalo_renewal_refused code={code}"):
        await rig.channel.send(rig.address, TEXT)

    assert rig.store.stored == before


async def test_a_lost_pair_that_was_replaced_meanwhile_is_not_lost(rig: ZaloRig) -> None:
    store, oauth = rig.store, rig.stub.oauth
    expire(rig)
    wanted = store.renew

    async def renew_late(seen: Credentials, renewal: Renewal) -> Credentials:
        """Play a process that renewed without our lock, say an officer with a pasted pair."""
        try:
            return await wanted(seen, renewal)
        finally:
            oauth.issue(rig.stub.oa.oa_id)
            store.put(pair_of(rig.stub))

    store.renew = renew_late  # type: ignore[method-assign] # put in its place
    rig.stub.fail_next(FaultKind.REFUSED, method=TOKEN_PATH, code=-14014)

    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 1


async def test_a_fresh_token_that_is_refused_too_calls_an_officer_after_one_renewal(
    rig: ZaloRig,
) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/message/cs", code=-216, times=2)

    with pytest.raises(ChannelBroken, match="zalo_reconnect"):
        await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 1


async def test_a_lost_pair_is_told_by_the_look_alone_and_mended_when_it_was_not_lost(
    rig: ZaloRig,
) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2))
    rig.stub.fail_next(FaultKind.EMPTY, method=TOKEN_PATH, times=2)
    rig.stub.clock.freeze()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.channel.run(_nobody))
        await rig.time.has_moved_by(60)
        assert rig.store.reported == ["zalo_reconnect"]
        await rig.time.has_moved_by(LOOK_AGAIN_AFTER_LOSS.total_seconds() + 3600)
        task.cancel()

    assert rig.store.reported == ["zalo_reconnect", ""]
    assert rig.stub.oauth.refreshes == 1


async def test_a_refusal_of_the_renewal_is_told_while_the_old_pair_still_works(
    rig: ZaloRig,
) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2))
    rig.stub.fail_next(FaultKind.REFUSED, method=TOKEN_PATH, code=-14002)

    await rig.channel.send(rig.address, TEXT)

    assert rig.store.reported == ["zalo_renewal_refused code=-14002"]


async def test_a_new_pair_the_disk_could_not_keep_is_kept_until_it_can(rig: ZaloRig) -> None:
    expire(rig)
    wanted = rig.store.renew
    failures = [StorageTrouble("the disk is full"), StorageTrouble("the disk is full")]

    async def on_a_full_disk(seen: Credentials, renewal: Renewal) -> Credentials:
        if failures:
            await renewal(rig.store.stored)
            raise failures.pop()
        return await wanted(seen, renewal)

    rig.store.renew = on_a_full_disk  # type: ignore[method-assign] # put in its place
    for _ in range(2):
        with pytest.raises(PlatformTrouble):
            await rig.channel.send(rig.address, TEXT)
        rig.stub.clock.advance(REST_S)

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.calls[TOKEN_PATH] == 1
    assert rig.store.stored.values[ACCESS_TOKEN] == rig.stub.tokens.access_token


async def test_credentials_that_cannot_be_read_stop_no_message_for_good(rig: ZaloRig) -> None:
    wanted = rig.store.load

    async def broken() -> Credentials:
        raise StorageTrouble("the disk is gone")

    rig.store.load = broken  # type: ignore[method-assign] # put in its place
    with pytest.raises(TryLater):
        await rig.channel.send(rig.address, TEXT)

    rig.store.load = wanted  # type: ignore[method-assign] # put in its place
    await rig.channel.send(rig.address, TEXT)
    assert len(rig.stub.sent) == 1


async def test_a_token_that_changed_on_the_way_is_no_lost_pair(rig: ZaloRig) -> None:
    wanted = rig.store.load
    loads = 0

    async def changing() -> Credentials:
        nonlocal loads
        loads += 1
        if loads == 3:
            rig.store.put(pair_of(rig.stub))
        return await wanted()

    rig.store.load = changing  # type: ignore[method-assign] # put in its place
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/message/cs", code=-216, times=2)
    with pytest.raises(PlatformTrouble):
        await rig.channel.send(rig.address, TEXT)

    await rig.channel.send(rig.address, TEXT)
    assert len(rig.stub.sent) == 1


async def test_looking_at_the_pair_goes_on_after_the_disk_failed(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2))
    wanted = rig.store.load
    failures = [StorageTrouble("the disk is gone")]

    async def sometimes() -> Credentials:
        if failures:
            raise failures.pop()
        return await wanted()

    rig.store.load = sometimes  # type: ignore[method-assign] # put in its place
    rig.stub.clock.freeze()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.channel.run(_nobody))
        await rig.time.has_moved_by(2 * 3600)
        task.cancel()

    assert rig.stub.oauth.refreshes == 1


async def _nobody(events: object) -> None:
    raise AssertionError("Zalo is not fetched from")
