"""A grant from its link to the account: once, in time, in its own browser, for one account."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from yarl import URL

from bot.channels.zalo.explaining import explained_oauth
from bot.channels.zalo.grant import FAULTS, challenge_of
from bot.channels.zalo.pairs import ACCESS_TOKEN, EXPIRES_AT
from bot.core.errors import NotFound, StorageTrouble
from bot.core.languages import Language
from bot.core.storage import Work
from bot.services.channels.credentials import REFRESH_TOKEN
from bot.services.channels.grants import (
    CALLBACK_PATH,
    FIXED,
    IN_REDIRECT,
    PKCE,
    STATE_IN,
    VERIFIER,
    Fault,
    GrantFailed,
    Progress,
)
from tests.channels.stubs.fault_script import FaultKind
from tests.channels.stubs.zalo_oauth import OauthManners
from tests.channels.stubs.zalo_stub import TOKEN_PATH
from tests.channels.zalo.desk import PUBLIC_URL, VOICE, Desk

OAUTH_PATH = TOKEN_PATH


async def test_a_grant_ends_with_an_account_that_holds_the_pair(desk: Desk) -> None:
    begun = await desk.begin()
    assert (await desk.connecting.find(begun.id)).progress is Progress.WAITING

    grant = await desk.call(await desk.agree(begun))

    assert (grant.progress, grant.account) == (Progress.CONNECTED, desk.stub.oa.name)
    (account,) = await desk.accounts()
    assert (account.id, account.settings["oa_id"]) == (grant.channel_id, desk.stub.oa.oa_id)
    kept = await desk.town.channels.secrets(account.id)
    assert kept[ACCESS_TOKEN] == desk.stub.tokens.access_token
    assert kept[REFRESH_TOKEN] == desk.stub.tokens.refresh_token
    assert EXPIRES_AT in kept
    assert desk.stub.broken_rules == []


async def test_the_link_carries_a_fresh_proof_and_nothing_secret(desk: Desk) -> None:
    one, other = await desk.begin(), await desk.begin()
    first, second = URL(one.link), URL(other.link)
    assert first.path == "/v4/oa/permission"
    assert first.query["redirect_uri"] == PUBLIC_URL + CALLBACK_PATH
    assert len(first.query["code_challenge"]) == 43
    for name in ("code_challenge", "state"):
        assert first.query[name] != second.query[name]
    assert desk.stub.app.app_secret not in one.link
    assert set(first.query) == {"app_id", "redirect_uri", "code_challenge", "state"}


async def test_a_fixed_proof_is_the_same_for_every_grant_of_the_account(desk: Desk) -> None:
    begun = await desk.begin(desk.application(**{PKCE: FIXED}))
    grant = await desk.call(await desk.agree(begun))
    (account,) = await desk.accounts()
    kept = await desk.town.channels.secrets(account.id)
    assert grant.progress is Progress.CONNECTED
    assert URL(begun.link).query["code_challenge"] == challenge_of(kept[VERIFIER])

    again = replace(desk.application(**{PKCE: FIXED}), secrets=kept)
    second = await desk.begin(again)

    assert URL(second.link).query["code_challenge"] == challenge_of(kept[VERIFIER])
    assert (await desk.call(await desk.agree(second))).progress is Progress.CONNECTED


async def test_the_value_may_travel_inside_the_callback_address(desk: Desk) -> None:
    begun = await desk.begin(desk.application(**{STATE_IN: IN_REDIRECT}))
    callback = URL(begun.link).query["redirect_uri"]
    assert URL(callback).query["st"] == URL(begun.link).query["state"]
    desk.stub.app.redirect_uri = callback
    desk.stub.oauth.manners = OauthManners(omits_state=True)

    grant = await desk.call(await desk.agree(begun))

    assert grant.progress is Progress.CONNECTED


@pytest.mark.parametrize("state", ["", "x", "A" * 43, "đ" * 500])
async def test_a_call_with_another_value_is_nobodys(desk: Desk, state: str) -> None:
    back = await desk.agree(await desk.begin())
    with pytest.raises(GrantFailed) as failed:
        await desk.call(replace(back, state=state))
    assert failed.value.fault is Fault.UNKNOWN
    assert desk.stub.calls[OAUTH_PATH] == 0


async def test_a_grant_serves_once_and_its_outcome_is_shown_again(desk: Desk) -> None:
    back = await desk.agree(await desk.begin())
    ends = await asyncio.gather(*(desk.call(back) for _ in range(5)))
    again = await desk.call(replace(back, code="another"))

    assert {end.progress for end in ends} <= {Progress.CONNECTED, Progress.WORKING}
    assert again.progress is Progress.CONNECTED
    assert desk.stub.calls[OAUTH_PATH] == 1


async def test_after_ten_minutes_a_grant_is_too_late(desk: Desk) -> None:
    begun = await desk.begin()
    back = await desk.agree(begun)
    desk.town.clock.advance(600)
    assert (await desk.connecting.find(begun.id)).fault is Fault.LATE

    grant = await desk.call(back)

    assert (grant.progress, grant.fault) == (Progress.FAILED, Fault.LATE)
    assert desk.stub.calls[OAUTH_PATH] == 0
    desk.town.clock.advance(600)
    await desk.begin()
    with pytest.raises(NotFound):
        await desk.connecting.find(begun.id)


async def test_a_grant_nobody_finished_is_forgotten(desk: Desk) -> None:
    begun = await desk.begin()
    await desk.connecting.forget_old()
    assert (await desk.connecting.find(begun.id)).progress is Progress.WAITING
    desk.town.clock.advance(1200)
    await desk.connecting.forget_old()
    with pytest.raises(NotFound):
        await desk.connecting.find(begun.id)


async def test_a_grant_of_an_officer_needs_the_browser_it_began_in(desk: Desk) -> None:
    admin = await desk.admin()
    begun = await desk.connecting.begin(
        desk.application(), by=admin.officer.id, session=admin.session.token_hash
    )
    back = await desk.agree(begun)
    for key in ("", "x", begun.browser_key[::-1]):
        with pytest.raises(GrantFailed) as failed:
            await desk.call(back, browser_key=key)
        assert failed.value.fault is Fault.OTHER_BROWSER

    # It was not used up by the others.
    grant = await desk.call(back, browser_key=begun.browser_key)

    assert grant.progress is Progress.CONNECTED


async def test_a_grant_of_an_officer_who_signed_out_comes_to_nothing(desk: Desk) -> None:
    admin = await desk.admin()
    begun = await desk.connecting.begin(
        desk.application(), by=admin.officer.id, session=admin.session.token_hash
    )
    back = await desk.agree(begun)
    await desk.town.sign_ins.sign_out(admin.token)

    grant = await desk.call(back, browser_key=begun.browser_key)

    assert grant.fault is Fault.SIGNED_OUT
    assert desk.stub.calls[OAUTH_PATH] == 0


async def test_the_link_is_shown_again_to_its_session_only(desk: Desk) -> None:
    admin = await desk.admin()
    session = admin.session.token_hash
    begun = await desk.connecting.begin(desk.application(), by=admin.officer.id, session=session)
    grant = await desk.connecting.find(begun.id)
    assert desk.connecting.link_of(grant, session=session) == begun.link
    with pytest.raises(NotFound):
        desk.connecting.link_of(grant, session=b"another")


async def test_a_person_who_says_no_is_told_what_to_do(desk: Desk) -> None:
    back = await desk.agree(await desk.begin())
    grant = await desk.call(replace(back, code="", refusal="-14003"))
    assert (grant.fault, grant.code) == (Fault.REFUSED, "-14003")
    words = desk.connecting.words(Fault.REFUSED, "-14003", Language.VI)
    assert words == explained_oauth("-14003", VOICE)


async def test_a_wrong_callback_address_is_refused_by_zalo_before_anything(desk: Desk) -> None:
    desk.stub.app.redirect_uri = "https://elsewhere.example/callback"
    back = await desk.agree(await desk.begin())
    assert (back.code, back.refusal) == ("", "-14003")
    desk.stub.broken_rules.clear()


async def test_an_account_connected_again_keeps_its_id(desk: Desk) -> None:
    first = await desk.call(await desk.agree(await desk.begin()))
    await desk.town.channels.mark((await desk.accounts())[0].id, trouble="nối lại")
    second = await desk.call(await desk.agree(await desk.begin()))
    (account,) = await desk.accounts()
    assert first.channel_id == second.channel_id == account.id
    assert account.trouble == ""


async def test_another_account_than_wanted_is_seen_before_the_code_is_used(desk: Desk) -> None:
    other = desk.stub.add_oa("Tài khoản khác")
    begun = await desk.begin(replace(desk.application(), oa_id=desk.stub.oa.oa_id))

    grant = await desk.call(await desk.agree(begun, oa_id=other.oa_id))

    assert grant.fault is Fault.OTHER_ACCOUNT
    assert desk.stub.calls[OAUTH_PATH] == 0
    assert await desk.accounts() == []


async def test_a_pair_that_turns_out_to_be_of_another_of_our_accounts_is_kept_for_it(
    desk: Desk,
) -> None:
    other = desk.stub.add_oa("Tài khoản khác")
    first = await desk.call(await desk.agree(await desk.begin(), oa_id=other.oa_id))
    begun = await desk.begin(replace(desk.application(), oa_id=desk.stub.oa.oa_id))
    back = await desk.agree(begun, oa_id=other.oa_id)

    # The address hides whose it is; the account itself tells.
    grant = await desk.call(replace(back, oa_id=""))

    assert grant.fault is Fault.OTHER_ACCOUNT
    (account,) = await desk.accounts()
    assert account.id == first.channel_id
    kept = await desk.town.channels.secrets(account.id)
    assert kept[ACCESS_TOKEN] == desk.stub.oauth.current(other.oa_id).access_token


@pytest.mark.parametrize(
    "kind", [FaultKind.CLOSE_BEFORE, FaultKind.RUBBISH, FaultKind.EMPTY, FaultKind.HANG]
)
async def test_a_code_without_an_answer_is_tried_once_more(
    desk: Desk, kind: FaultKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.zalo.grant._CALL_LIMIT_S", 0.3)
    back = await desk.agree(await desk.begin())
    desk.stub.fail_next(kind, method=OAUTH_PATH)

    grant = await desk.call(back)

    assert grant.progress is Progress.CONNECTED


async def test_a_code_whose_answer_was_lost_is_told_as_such(desk: Desk) -> None:
    back = await desk.agree(await desk.begin())
    desk.stub.fail_next(FaultKind.CLOSE_AFTER, method=OAUTH_PATH)

    grant = await desk.call(back)

    assert grant.fault is Fault.NO_ANSWER
    desk.stub.broken_rules.clear()


@pytest.mark.parametrize("code", [-14002, -14012, -14014, -14024, -14029])
async def test_a_refusal_of_the_code_tells_its_number(desk: Desk, code: int) -> None:
    back = await desk.agree(await desk.begin())
    desk.stub.fail_next(FaultKind.REFUSED, method=OAUTH_PATH, code=code)

    grant = await desk.call(back)

    assert (grant.fault, grant.code) == (Fault.REFUSED, str(code))


async def test_no_way_to_zalo_is_told_as_such(desk: Desk) -> None:
    back = await desk.agree(await desk.begin())
    await desk.stub.go_down()
    assert (await desk.call(back)).fault is Fault.NO_CONNECTION


async def test_an_account_that_does_not_tell_its_name_is_connected_all_the_same(
    desk: Desk,
) -> None:
    back = await desk.agree(await desk.begin())
    desk.stub.fail_next(FaultKind.HTML_502, method="/v2.0/oa/getoa")

    grant = await desk.call(back)

    assert (grant.progress, grant.account) == (Progress.CONNECTED, desk.stub.oa.oa_id)


async def test_without_any_name_nothing_is_connected(desk: Desk) -> None:
    back = await desk.agree(await desk.begin())
    desk.stub.fail_next(FaultKind.HTML_502, method="/v2.0/oa/getoa")
    assert (await desk.call(replace(back, oa_id=""))).fault is Fault.NO_ACCOUNT


async def test_nothing_of_a_grant_stands_in_the_clear_and_little_after_its_end(
    desk: Desk,
) -> None:
    begun = await desk.begin()
    state = URL(begun.link).query["state"]
    assert state.encode() not in desk.town.on_disk()
    assert desk.stub.app.app_secret.encode() not in desk.town.on_disk()
    grant = await desk.call(await desk.agree(begun))
    assert (grant.state, grant.verifier, grant.application) == ("", "", None)
    assert state not in repr(await desk.connecting.find(begun.id))


async def test_grants_begun_at_once_do_not_lose_each_other(any_desk: Desk) -> None:
    begun = await asyncio.gather(*(any_desk.begin() for _ in range(8)))
    found = [await any_desk.connecting.find(one.id) for one in begun]
    assert len({one.id for one in found}) == 8


async def test_of_several_calls_at_once_one_uses_the_code(any_desk: Desk) -> None:
    back = await any_desk.agree(await any_desk.begin())
    ends = await asyncio.gather(*(any_desk.call(back) for _ in range(6)))
    assert {end.progress for end in ends} <= {Progress.CONNECTED, Progress.WORKING}
    assert any_desk.stub.calls[OAUTH_PATH] == 1


async def test_an_end_that_cannot_be_written_is_told_when_the_time_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await desk.begin()
    back = await desk.agree(begun)
    wanted, times = desk.town.storage.begin, 0

    def begin() -> AbstractAsyncContextManager[Work]:
        nonlocal times
        times += 1
        if times > 1:
            raise StorageTrouble("the disk is full")
        return wanted()

    monkeypatch.setattr(desk.town.storage, "begin", begin)
    await desk.connecting.called_back(back, browser_key="")
    await desk.connecting.close()
    monkeypatch.undo()
    assert (await desk.connecting.find(begun.id)).progress is Progress.WORKING
    desk.town.clock.advance(600)
    assert (await desk.connecting.find(begun.id)).fault is Fault.BROKEN_OFF


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("language", Language)
def test_every_fault_has_its_words(desk: Desk, fault: Fault, language: Language) -> None:
    assert desk.connecting.words(fault, "", language)
    assert desk.connecting.words(Fault.REFUSED, "", language)
