"""Tokens of other software: shown once, bound to an officer, ended at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.api_tokens import Scope
from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import ApiTokenId
from bot.core.officers import Officer, Role
from bot.core.units import Unit
from bot.services.api.tokens import MOST_DAYS, ApiTokens, NewToken
from bot.services.officers.accounts import NewOfficer
from tests.builders.routing import ZONE
from tests.builders.town import PASSWORD, Town

DAY = timedelta(days=1)
NEW = NewToken(name="Tỉnh", scopes=frozenset({Scope.READ, Scope.WRITE}))


@pytest.fixture
def tokens(town: Town) -> ApiTokens:
    return ApiTokens(
        storage=town.storage, audit=town.audit, clock=town.clock, chance=town.chance, zone=ZONE
    )


async def officer(town: Town, login: str, *roles: Role, unit: Unit | None = None) -> Officer:
    return await town.officers.add(
        NewOfficer(
            login=login,
            name=login,
            password=PASSWORD,
            unit_id=(unit or town.commune).id,
            roles=frozenset(roles),
        ),
        by="test",
    )


async def test_a_token_is_known_by_its_text_and_kept_only_as_a_hash(
    town: Town, tokens: ApiTokens
) -> None:
    lan = await officer(town, "lan", Role.ANNOUNCER)
    made = await tokens.make(lan, NEW, by=lan.id)
    caller = await tokens.caller(made.text)
    assert caller is not None
    assert (caller.officer, caller.token.id) == (lan, made.token.id)
    # Noon in UTC is the same day over there; only the day is kept.
    assert caller.token.used_on == date(2026, 11, 22)
    assert made.text.startswith("byt_")
    assert made.text not in repr(made)
    assert made.text.encode() not in town.on_disk()
    (entry, *_) = await town.audit.newest()
    assert (entry.record.act, entry.record.actor) == ("token.add", lan.id)
    assert entry.record.facts["scopes"] == "announcements:read,announcements:write"


@pytest.mark.parametrize(
    "text", ["", "byt_", "byt_" + "A" * 43, "byt_" + "A" * 4000, "Bearer x", "byt_\udcff", "đ"]
)
async def test_what_is_no_token_opens_nothing(tokens: ApiTokens, text: str) -> None:
    assert await tokens.caller(text) is None


async def test_a_token_ends_after_its_last_day(town: Town, tokens: ApiTokens) -> None:
    lan = await officer(town, "lan", Role.VIEWER)
    made = await tokens.make(
        lan, NewToken(name="x", scopes=frozenset({Scope.READ}), days=2), by="x"
    )
    town.clock.advance(2 * DAY)
    assert await tokens.caller(made.text) is not None
    town.clock.advance(DAY)
    assert await tokens.caller(made.text) is None
    assert [one.is_alive for one in await tokens.seen_by(lan)] == [False]


async def test_a_token_ends_with_its_officers_account(town: Town, tokens: ApiTokens) -> None:
    lan = await officer(town, "lan", Role.VIEWER)
    made = await tokens.make(lan, NewToken(name="x", scopes=frozenset({Scope.READ})), by="x")
    async with town.storage.begin() as work:
        await work.officers.save(replace(lan, is_active=False))
        await work.commit()
    assert await tokens.caller(made.text) is None


async def test_a_revoked_token_stays_so_though_it_is_being_used(
    town: Town, tokens: ApiTokens
) -> None:
    lan = await officer(town, "lan", Role.VIEWER)
    made = await tokens.make(lan, NewToken(name="x", scopes=frozenset({Scope.READ})), by="x")
    await tokens.revoke(made.token.id, by=lan)
    await tokens.revoke(made.token.id, by=None)
    assert await tokens.caller(made.text) is None
    acts = [entry.record.act for entry in await town.audit.newest()]
    assert acts.count("token.revoke") == 1


WRONG = [
    (replace(NEW, name="  "), "token_name_wrong"),
    (replace(NEW, name="x" * 61), "token_name_wrong"),
    (replace(NEW, name="x\ny"), "token_name_wrong"),
    (replace(NEW, days=0), "token_days_wrong"),
    (replace(NEW, days=MOST_DAYS + 1), "token_days_wrong"),
    (replace(NEW, scopes=frozenset()), "token_scopes_missing"),
    (replace(NEW, scopes=frozenset({Scope.APPROVE})), "token_scope_foreign"),
]


@pytest.mark.parametrize(("new", "key"), WRONG)
async def test_a_wrong_token_is_not_made(
    town: Town, tokens: ApiTokens, new: NewToken, key: str
) -> None:
    lan = await officer(town, "lan", Role.ANNOUNCER)
    with pytest.raises(RuleBroken) as broken:
        await tokens.make(lan, new, by=lan.id)
    assert broken.value.key == key
    assert await tokens.seen_by(None) == []


async def test_who_sees_and_revokes_which_token(town: Town, tokens: ApiTokens) -> None:
    people = {
        "chief": await officer(town, "chief", Role.ADMIN),
        "keeper": await officer(town, "keeper", Role.ADMIN, unit=town.hamlet),
        "lan": await officer(town, "lan", Role.ANNOUNCER, unit=town.hamlet),
        "minh": await officer(town, "minh", Role.ANNOUNCER, unit=town.elsewhere),
    }
    made = {
        name: (await tokens.make(one, NewToken(name=name, scopes=frozenset({Scope.READ})), by="x"))
        for name, one in people.items()
    }
    seen = {
        name: {listed.token.name for listed in await tokens.seen_by(one)}
        for name, one in people.items()
    }
    assert seen == {
        "chief": {"chief", "keeper", "lan", "minh"},
        "keeper": {"keeper", "lan"},
        "lan": {"lan"},
        "minh": {"minh"},
    }
    for name, one in people.items():
        for other, token in made.items():
            if other in seen[name]:
                assert (await tokens.one(token.token.id, one)).token.name == other
                continue
            with pytest.raises(NotFound):
                await tokens.revoke(token.token.id, by=one)
            with pytest.raises(NotFound):
                await tokens.one(token.token.id, one)
    with pytest.raises(NotFound):
        await tokens.revoke(ApiTokenId("never"), by=None)
    await tokens.revoke(made["minh"].token.id, by=people["chief"])
    assert await tokens.caller(made["minh"].text) is None
    # What still works stands first.
    assert [one.is_alive for one in await tokens.seen_by(None)] == [True, True, True, False]
