"""The token pair: renewed once, ahead of time, by whoever is first."""

import asyncio
from datetime import datetime, timedelta

import pytest
from aiohttp import web

from bot.channels.zalo.pairs import ACCESS_TOKEN, EXPIRES_AT, REFRESH_EXPIRES_AT
from bot.core.channels import Credentials, Renewal
from bot.core.messages import Outgoing
from bot.core.sending import ChannelBroken, NoConnection
from bot.services.channels.credentials import REFRESH_TOKEN
from tests.channels.rigs_zalo import ZaloRig, pair_of
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_oauth import OauthManners

TEXT = Outgoing(text="một")
TOKEN_PATH = "/v4/oa/access_token"
DAY_S = 86_400


def expire(rig: ZaloRig) -> None:
    rig.stub.clock.advance(26 * 3600)
    rig.person.last_interaction_at = rig.stub.clock.now()


def forget_expiry(rig: ZaloRig) -> None:
    values = dict(rig.store.stored.values)
    del values[EXPIRES_AT]
    rig.store.put(values)


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


async def test_a_pair_of_unknown_age_is_renewed_at_the_first_look(rig: ZaloRig) -> None:
    forget_expiry(rig)

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 1
    assert EXPIRES_AT in rig.store.stored.values


async def test_a_pair_of_unknown_age_that_cannot_be_renewed_yet_is_used(rig: ZaloRig) -> None:
    forget_expiry(rig)
    rig.stub.fail_next(FaultKind.HTML_502, method=TOKEN_PATH)

    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 1


async def test_a_platform_off_the_net_during_a_renewal_is_no_connection(rig: ZaloRig) -> None:
    know_expiry(rig, rig.stub.clock.now() - timedelta(hours=1))
    await rig.vanish()

    with pytest.raises(NoConnection):
        await rig.channel.send(rig.address, TEXT)


@pytest.mark.parametrize("code", [-216, -220, 216, 401, -401, -124])
async def test_every_code_of_the_token_family_renews_once(rig: ZaloRig, code: int) -> None:
    rig.stub.fail_next(FaultKind.REFUSED, method="/v3.0/oa/message/cs", code=code)

    await rig.channel.send(rig.address, TEXT)

    assert rig.stub.oauth.refreshes == 1
    assert len(rig.stub.sent) == 1


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

    rig.store.renew = slow  # type: ignore[method-assign] # put in its place
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


async def test_a_told_life_of_the_refresh_token_is_kept(rig: ZaloRig) -> None:
    answer = {
        "access_token": "a1",
        "refresh_token": "r1",
        "expires_in": 90_000,
        "refresh_token_expires_in": "864000",
    }

    async def token(request: web.Request) -> web.Response:
        return web.json_response(answer)

    rig.stub.oauth.token = token  # type: ignore[method-assign] # put in its place
    know_expiry(rig, rig.stub.clock.now() + timedelta(hours=1))
    with pytest.raises(ChannelBroken):
        await rig.channel.send(rig.address, TEXT)

    ends_at = datetime.fromisoformat(rig.store.stored.values[REFRESH_EXPIRES_AT])
    assert timedelta(days=9) < ends_at - rig.stub.clock.now() <= timedelta(days=10)


async def test_the_app_secret_proof_is_sent(rig: ZaloRig) -> None:
    rig.stub.app.checks_proof = True

    await rig.channel.send(rig.address, TEXT)

    assert len(rig.stub.sent) == 1


@pytest.mark.parametrize("expires_in", ["nan", "inf", "-5", "soon", "1e400", "99999999999"])
async def test_a_life_nobody_can_believe_counts_as_an_hour(rig: ZaloRig, expires_in: str) -> None:
    answer = {"access_token": "a1", "refresh_token": "r1", "expires_in": expires_in}

    async def token(request: web.Request) -> web.Response:
        return web.json_response(answer)

    rig.stub.oauth.token = token  # type: ignore[method-assign] # put in its place
    know_expiry(rig, rig.stub.clock.now() - timedelta(hours=1))
    with pytest.raises(ChannelBroken):
        await rig.channel.send(rig.address, TEXT)

    expires_at = datetime.fromisoformat(rig.store.stored.values[EXPIRES_AT])
    assert expires_at - rig.stub.clock.now() <= timedelta(hours=1)


async def _nobody(events: object) -> None:
    raise AssertionError("Zalo is not fetched from")
