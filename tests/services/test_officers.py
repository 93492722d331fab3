"""Officers: one set-up, slow guesses, sessions that end, keys in memory only."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.officers import made_officer_services
from bot.core.errors import RuleBroken, StorageTrouble
from bot.core.officers import Role
from bot.core.tips import Report, TipCategory
from bot.services.officers.accounts import NewOfficer
from bot.services.officers.setting_up import SET_UP, SetUpDone
from bot.services.officers.sign_ins import IDLE_LIFE, WHOLE_LIFE, SignedIn
from bot.services.officers.tries import TooManySignIns
from tests.builders.town import PASSWORD, Town
from tests.vault_builder import open_vault

WRONG = "không phải mật khẩu này"


def somebody(town: Town, login: str = "truongca", **changes: object) -> NewOfficer:
    roles = frozenset({Role.ADMIN, Role.MODERATOR})
    values = {"login": login, "name": "Người Bịa", "password": PASSWORD, "roles": roles}
    return NewOfficer(**{**values, "unit_id": town.commune.id, **changes})  # type: ignore[arg-type] # fields by name


async def set_up(town: Town, login: str = "truongca") -> None:
    await town.setting_up.finish(town.vault.setup.token, somebody(town, login))


async def signed_in(town: Town, login: str = "truongca") -> SignedIn:
    found = await town.sign_ins.sign_in(login, PASSWORD)
    assert found is not None
    return found


async def test_the_first_officer_opens_what_came_before_set_up(town: Town) -> None:
    await town.founded()
    report = Report(category=TipCategory.FIRE, what="Có khói ở kho sau chợ")
    submission = await town.receiving.intake.submit(report, town.hamlet)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    await set_up(town)
    assert town.setting_up.is_done()
    reader = town.sign_ins.reader(await signed_in(town))
    assert reader is not None
    (tip,) = await town.reading.queue.tips(reader.officer)
    assert (await town.reading.desk.open(tip.id, reader)).report == report


async def test_the_link_works_once(town: Town) -> None:
    await town.founded()
    token = town.vault.setup.token
    await set_up(town)
    with pytest.raises(SetUpDone):
        await town.setting_up.finish(token, somebody(town, "khac"))
    with pytest.raises(SetUpDone):
        town.setting_up.recovery_key(token)


async def test_two_uses_of_the_link_at_once_make_one_account(town: Town) -> None:
    await town.founded()
    token = town.vault.setup.token
    endings = await asyncio.gather(
        *(town.setting_up.finish(token, somebody(town, login)) for login in ("mot", "hai")),
        return_exceptions=True,
    )
    assert [type(one) for one in endings].count(SetUpDone) == 1
    assert len(await town.officers.all()) == 1


async def test_a_crash_between_commit_and_destruction_opens_nothing_again(town: Town) -> None:
    await town.founded()
    token = town.vault.setup.token
    async with town.storage.begin() as work:
        await work.settings.put(SET_UP, "done")
        await work.commit()
    with pytest.raises(SetUpDone):
        await town.setting_up.finish(token, somebody(town))
    await town.setting_up.open_founding()
    assert not town.vault.setup.exists()


@pytest.mark.parametrize("token", ["", "x", "\ud83d", "é" * 43])
async def test_a_wrong_link_opens_nothing(town: Town, token: str) -> None:
    await town.founded()
    with pytest.raises(SetUpDone):
        await town.setting_up.finish(token, somebody(town))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"password": "ngắn"}, "password_short"),
        ({"password": "x" * 201}, "password_short"),
        ({"password": "truongca-2026"}, "password_holds_login"),
        ({"login": " TruongCa ", "password": "truongca-2026"}, "password_holds_login"),
        ({"login": ""}, "login_wrong"),
        ({"login": "hai từ"}, "login_wrong"),
        ({"login": "x" * 61}, "login_wrong"),
    ],
)
async def test_a_weak_account_is_refused(town: Town, changes: dict[str, object], key: str) -> None:
    with pytest.raises(RuleBroken, match=key):
        await town.officers.add(somebody(town, **{"login": "truongca", **changes}), by="test")  # type: ignore[arg-type] # fields by name


async def test_a_login_is_taken_in_any_capitals(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    with pytest.raises(RuleBroken, match="login_taken"):
        await town.officers.add(somebody(town, "TRUONGCA"), by="test")


async def test_five_wrong_passwords_close_the_login_for_a_quarter_of_an_hour(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    for _ in range(5):
        assert await town.sign_ins.sign_in("truongca", WRONG) is None
    with pytest.raises(TooManySignIns):
        await town.sign_ins.sign_in("TruongCa ", PASSWORD)
    town.clock.advance(timedelta(minutes=15, seconds=1))
    await signed_in(town)


async def test_guesses_side_by_side_are_all_counted(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    endings = await asyncio.gather(
        *(town.sign_ins.sign_in("truongca", WRONG) for _ in range(12)), return_exceptions=True
    )
    assert [type(one) for one in endings].count(TooManySignIns) == 7


async def test_an_unknown_login_is_told_nothing_else(town: Town) -> None:
    assert await town.sign_ins.sign_in("khongco", PASSWORD) is None


async def test_an_account_that_was_closed_signs_in_no_more(town: Town) -> None:
    officer = await town.officers.add(somebody(town), by="test")
    session = await signed_in(town)
    async with town.storage.begin() as work:
        await work.officers.save(replace(officer, is_active=False))
        await work.commit()
    assert await town.sign_ins.session(session.token) is None
    assert await town.sign_ins.sign_in("truongca", PASSWORD) is None


async def test_a_session_ends_when_nobody_comes_back(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    session = await signed_in(town)
    town.clock.advance(IDLE_LIFE)
    assert await town.sign_ins.session(session.token) is not None
    town.clock.advance(IDLE_LIFE + timedelta(seconds=1))
    assert await town.sign_ins.session(session.token) is None


async def test_a_session_ends_after_a_day_however_busy(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    session = await signed_in(town)
    for _ in range(6):
        town.clock.advance(WHOLE_LIFE / 6)
        assert await town.sign_ins.session(session.token) is not None
    town.clock.advance(1)
    assert await town.sign_ins.session(session.token) is None
    assert town.sign_ins.reader(session) is None


async def test_the_key_of_a_session_nobody_came_back_to_leaves_the_memory(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    old = await signed_in(town)
    town.clock.advance(IDLE_LIFE + timedelta(seconds=1))
    new = await signed_in(town)
    await town.sign_ins.forget_old()
    assert town.sign_ins.reader(old) is None
    assert town.sign_ins.reader(new) is not None


async def test_signing_out_forgets_the_key(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    session = await signed_in(town)
    assert town.sign_ins.reader(session) is not None
    await town.sign_ins.sign_out(session.token)
    assert town.sign_ins.reader(session) is None
    assert await town.sign_ins.session(session.token) is None


async def test_neither_token_nor_key_stands_on_the_disk(town: Town) -> None:
    await town.officers.add(somebody(town), by="test")
    session = await signed_in(town)
    reader = town.sign_ins.reader(session)
    assert reader is not None
    stored = town.on_disk()
    for secret in (session.token.encode(), reader.private_key, PASSWORD.encode()):
        assert secret not in stored


async def test_another_founding_key_than_the_one_tips_were_sealed_to_is_refused(
    town: Town, tmp_path: Path
) -> None:
    await town.founded()
    with open_vault(tmp_path / "other", clock=town.clock) as other:
        setting_up = made_officer_services(
            storage=town.storage,
            vault=other,
            audit=town.audit,
            clock=town.clock,
            chance=town.chance,
        ).setting_up
        await setting_up.open_founding()
        with pytest.raises(StorageTrouble, match="put it back from a copy"):
            await setting_up.ensure_recovery(town.commune.id)
