"""The token pair: renewed once, ahead of time, and never lost by an answer that failed."""

import asyncio
from datetime import datetime, timedelta

import pytest
from aiohttp import web

from bot.channels.zalo.tokens import ACCESS_TOKEN, EXPIRES_AT, REFRESH_TOKEN
from bot.core.channels import Credentials, Renewal
from bot.core.errors import StorageTrouble
from bot.core.messages import Outgoing
from bot.core.sending import ChannelBroken, NoConnection, PlatformTrouble, TryLater
from tests.channels.rigs_zalo import ZaloRig, pair_of
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_accounts import OaBar
from tests.channels.stubs.zalo_oauth import OauthManners

TEXT = Outgoing(text="một")
TOKEN_PATH = "/v4/oa/access_token"
DAY_S = 86_400


def expire(rig: ZaloRig) -> None:
    rig.stub.clock.advance(26 * 3600)
    rig.person.last_interaction_at = rig.stub.clock.now()


def know_expiry(rig: ZaloRig, at: datetime) -> None:
    rig.store.put({**rig.store.stored.values, EXPIRES_AT: at.isoformat()})


async def test_an_expired_token_is_renewed_and_the_message_goes_out(rig: ZaloRig) -> None:
    await rig.channel.send(rig.address, TEXT)
    expire(rig)

    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 2
    assert rig.stub.oauth.refreshes == 1
    assert rig.store.stored.values[ACCESS_TOKEN] == rig.stub.tokens.access_token
    assert rig.store.stored.values[REFRESH_TOKEN] == rig.stub.tokens.refresh_token
    expires_at = datetime.fromisoformat(rig.store.stored.values[EXPIRES_AT])
    assert expires_at - rig.stub.clock.now() > timedelta(hours=24)


async def test_twenty_sends_at_the_moment_of_expiry_make_one_renewal(rig: ZaloRig) -> None:
    expire(rig)

    await asyncio.gather(*(rig.channel.send(rig.address, TEXT) for _ in range(20)))

    assert len(rig.stub.sent) == 20
    assert rig.stub.oauth.refreshes == 1


async def test_a_pair_renewed_by_another_process_is_taken_up(rig: ZaloRig) -> None:
    await rig.channel.send(rig.address, TEXT)
    rig.stub.oauth.issue(rig.stub.oa.oa_id)
    rig.store.put(pair_of(rig.stub))

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 0
    assert len(rig.stub.sent) == 2


async def test_a_pair_with_under_three_hours_left_is_renewed_ahead(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2, minutes=59))

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 1


async def test_a_pair_with_over_three_hours_left_is_let_be(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=3, minutes=1))

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 0


@pytest.mark.parametrize("kind", [FaultKind.HTML_502, FaultKind.CLOSE_BEFORE, FaultKind.ERROR_500])
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


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.HTML_502,
        FaultKind.ERROR_500,
        FaultKind.RUBBISH,
        FaultKind.CLOSE_BEFORE,
        FaultKind.HANG,
    ],
)
async def test_no_bad_answer_loses_the_pair(rig: ZaloRig, kind: FaultKind) -> None:
    expire(rig)
    before = rig.store.stored
    rig.stub.fail_next(kind, method=TOKEN_PATH)

    with pytest.raises(TryLater):
        await rig.channel.send(rig.address, TEXT)
    assert rig.store.stored == before
    rig.stub.faults.release()

    await rig.channel.send(rig.address, TEXT)
    assert len(rig.stub.sent) == 1


async def test_a_platform_off_the_net_during_a_renewal_is_no_connection(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() - timedelta(hours=1))
    await rig.vanish()

    with pytest.raises(NoConnection):
        await rig.channel.send(rig.address, TEXT)


async def test_a_pair_lost_on_the_way_is_said_loudly_and_not_asked_for_again(
    rig: ZaloRig,
) -> None:
    expire(rig)
    rig.stub.fail_next(FaultKind.CLOSE_AFTER, method=TOKEN_PATH)
    with pytest.raises(PlatformTrouble):
        await rig.channel.send(rig.address, TEXT)

    for _ in range(3):
        with pytest.raises(ChannelBroken, match="zalo_reconnect"):
            await rig.channel.send(rig.address, TEXT)

    assert rig.stub.calls[TOKEN_PATH] == 2
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

    store.renew = renew_late  # type: ignore[method-assign]
    rig.stub.fail_next(FaultKind.REFUSED, method=TOKEN_PATH, code=-14014)

    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 1


@pytest.mark.parametrize("code", [-216, -220, 216, 401, -401, -124])
async def test_every_code_of_the_token_family_renews_once(rig: ZaloRig, code: int) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/message/cs", code=code)

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 1
    assert len(rig.stub.sent) == 1


async def test_a_fresh_token_that_is_refused_too_calls_an_officer_after_one_renewal(
    rig: ZaloRig,
) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/message/cs", code=-216, times=2)

    with pytest.raises(ChannelBroken, match="zalo_reconnect"):
        await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 1


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(rig: ZaloRig) -> None:
    rig.stub.oauth.manners = OauthManners(omits_refresh_token=True, expires_in_is_number=True)
    before = rig.store.stored.values[REFRESH_TOKEN]
    expire(rig)

    await rig.channel.send(rig.address, TEXT)

    assert rig.store.stored.values[REFRESH_TOKEN] == before
    assert rig.store.stored.values[ACCESS_TOKEN] == rig.stub.tokens.access_token


async def test_a_renewal_outlives_the_send_that_was_cancelled(rig: ZaloRig) -> None:
    expire(rig)
    entered, go_on = asyncio.Event(), asyncio.Event()
    wanted = rig.store.renew

    async def slow(seen: Credentials, renewal: Renewal) -> Credentials:
        entered.set()
        await go_on.wait()
        return await wanted(seen, renewal)

    rig.store.renew = slow  # type: ignore[method-assign]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.channel.send(rig.address, TEXT))
        await entered.wait()
        task.cancel()
    go_on.set()
    await rig.channel.close()

    assert rig.store.stored.values[ACCESS_TOKEN] == rig.stub.tokens.access_token
    assert rig.stub.oauth.refreshes == 1


async def test_an_idle_account_keeps_its_pair_from_dying(
    rig: ZaloRig,
) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=25))
    rig.stub.clock.freeze()
    # The stub counts a pair's age by its own clock, so an unrenewed one would die on the way.
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.channel.run(_nobody))
        await rig.time.has_moved_by(100 * DAY_S)
        task.cancel()

    rig.person.last_interaction_at = rig.stub.clock.now()
    await rig.channel.send(rig.address, TEXT)
    assert rig.stub.oauth.refreshes > 100


async def _nobody(events: object) -> None:
    raise AssertionError("Zalo is not fetched from")


async def test_the_app_secret_proof_is_sent(rig: ZaloRig) -> None:
    rig.stub.app.checks_proof = True

    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 1


async def test_a_new_pair_the_disk_could_not_keep_is_kept_until_it_can(rig: ZaloRig) -> None:
    expire(rig)
    wanted = rig.store.renew
    failures = [StorageTrouble("the disk is full"), StorageTrouble("the disk is full")]

    async def on_a_full_disk(seen: Credentials, renewal: Renewal) -> Credentials:
        if failures:
            await renewal(rig.store.stored)
            raise failures.pop()
        return await wanted(seen, renewal)

    rig.store.renew = on_a_full_disk  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(PlatformTrouble):
            await rig.channel.send(rig.address, TEXT)

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.calls[TOKEN_PATH] == 1
    assert rig.store.stored.values[ACCESS_TOKEN] == rig.stub.tokens.access_token


async def test_credentials_that_cannot_be_read_stop_no_message_for_good(rig: ZaloRig) -> None:
    wanted = rig.store.load

    async def broken() -> Credentials:
        raise StorageTrouble("the disk is gone")

    rig.store.load = broken  # type: ignore[method-assign]
    with pytest.raises(TryLater):
        await rig.channel.send(rig.address, TEXT)

    rig.store.load = wanted  # type: ignore[method-assign]
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

    rig.store.load = changing  # type: ignore[method-assign]
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/message/cs", code=-216, times=2)
    with pytest.raises(PlatformTrouble):
        await rig.channel.send(rig.address, TEXT)

    await rig.channel.send(rig.address, TEXT)
    assert len(rig.stub.sent) == 1


@pytest.mark.parametrize("expires_in", ["nan", "inf", "-5", "soon", "1e400", "99999999999"])
async def test_a_life_nobody_can_believe_counts_as_an_hour(rig: ZaloRig, expires_in: str) -> None:
    answer = {"access_token": "a1", "refresh_token": "r1", "expires_in": expires_in}

    async def token(request: web.Request) -> web.Response:
        return web.json_response(answer)

    rig.stub.oauth.token = token  # type: ignore[method-assign]
    know_expiry(rig, rig.stub.clock.now() - timedelta(hours=1))
    with pytest.raises(ChannelBroken):
        await rig.channel.send(rig.address, TEXT)

    expires_at = datetime.fromisoformat(rig.store.stored.values[EXPIRES_AT])
    assert expires_at - rig.stub.clock.now() <= timedelta(hours=1)


async def test_the_check_says_how_long_the_pair_lasts(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=24, minutes=30))

    findings = await rig.channel.check()

    assert findings[-1].what == "zalo_token_lasts hours=24"


async def test_the_check_names_what_the_account_lacks(rig: ZaloRig) -> None:
    rig.stub.oa.bar = OaBar.UNVERIFIED

    (finding,) = await rig.channel.check()

    assert (finding.is_well, finding.fix) == (False, "zalo_not_verified code=-221")


async def test_looking_at_the_pair_goes_on_after_the_disk_failed(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=2))
    wanted = rig.store.load
    failures = [StorageTrouble("the disk is gone")]

    async def sometimes() -> Credentials:
        if failures:
            raise failures.pop()
        return await wanted()

    rig.store.load = sometimes  # type: ignore[method-assign]
    rig.stub.clock.freeze()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(rig.channel.run(_nobody))
        await rig.time.has_moved_by(2 * 3600)
        task.cancel()

    assert rig.stub.oauth.refreshes == 1
