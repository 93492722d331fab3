"""Hooks: which addresses there may be, who keeps them, what a call looks like, a try."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from bot.core.errors import NotFound, RuleBroken
from bot.core.hooks import OFFERED, HookEvent, HookState
from bot.core.ids import HookId, UnitId
from bot.core.officers import Officer, Role
from bot.core.units import Unit
from bot.services.hooks.addresses import check_address
from bot.services.hooks.hooks import MOST, Hooks, NewHook
from bot.services.hooks.posting import NotPosted
from bot.services.officers.accounts import NewOfficer
from tests.builders.town import PASSWORD, Town
from tests.fakes import FakePoster

URL = "https://tinh.example.vn/bao"
ALL = frozenset(OFFERED)


@pytest.fixture
def poster() -> FakePoster:
    return FakePoster()


@pytest.fixture
def hooks(town: Town, poster: FakePoster) -> Hooks:
    return Hooks(
        storage=town.storage,
        envelopes=town.envelopes,
        audit=town.audit,
        poster=poster,
        clock=town.clock,
        chance=town.chance,
    )


async def keeper(town: Town, login: str, unit: Unit, role: Role = Role.ADMIN) -> Officer:
    return await town.officers.add(
        NewOfficer(
            login=login, name=login, password=PASSWORD, unit_id=unit.id, roles=frozenset({role})
        ),
        by="test",
    )


RIGHT = [
    (URL, False),
    ("https://tinh.example.vn:8443/a?b=c", False),
    ("https://10.0.0.5/bao", False),
    ("http://127.0.0.1:9000/", True),
    ("http://[::1]:9000/", True),
    ("https://localhost/bao", True),
    (URL, True),
]
WRONG = [
    ("", True),
    ("tinh.example.vn", True),
    ("ftp://127.0.0.1/", True),
    ("file:///etc/passwd", True),
    ("http://tinh.example.vn/bao", True),
    ("http://tinh.example.vn/bao", False),
    ("http://127.0.0.1:9000/", False),
    ("https://127.0.0.1/", False),
    ("https://[::1]/", False),
    ("https://[::ffff:127.0.0.1]/", False),
    ("https://localhost./", False),
    ("https://a.localhost/", False),
    ("https://169.254.169.254/latest", False),
    ("https://0.0.0.0/", False),
    ("https://2130706433/", False),
    ("https://0x7f.1/", False),
    ("https://127.1/", False),
    ("https://user:pass@tinh.example.vn/", False),
    ("https://tinh.example.vn/#x", False),
    ("https://tinh.example.vn/a b", False),
    ("https://tinh.example.vn/a\nb", False),
    ("https://tỉnh.example.vn/", False),
    ("https://tinh.example.vn:99999/", False),
    ("https://tinh.example.vn:0/", False),
    ("https://[::1/", False),
    ("https:///bao", False),
    ("https://tinh.example.vn/" + "x" * 500, False),
]


@pytest.mark.parametrize(("url", "may_be_local"), RIGHT)
def test_a_right_address_is_taken(url: str, *, may_be_local: bool) -> None:
    check_address(url, may_be_local=may_be_local)


@pytest.mark.parametrize(("url", "may_be_local"), WRONG)
def test_a_wrong_address_is_refused(url: str, *, may_be_local: bool) -> None:
    with pytest.raises(RuleBroken) as broken:
        check_address(url, may_be_local=may_be_local)
    assert broken.value.key == "hook_url_wrong"


async def test_a_hook_is_added_with_a_secret_that_is_kept_sealed(town: Town, hooks: Hooks) -> None:
    chief = await keeper(town, "chief", town.commune)
    added = await hooks.add(NewHook(unit_id=town.commune.id, url=URL, events=ALL), by=chief)
    assert added.secret.startswith("whsec_")
    assert len(base64.b64decode(added.secret[6:])) == 32
    assert added.secret not in repr(added)
    assert added.secret.encode() not in town.on_disk()
    (listed,) = await hooks.seen_by(chief)
    assert (listed.hook, listed.unit) == (added.hook, town.commune)
    entry = (await town.audit.newest())[0].record
    assert (entry.act, entry.actor, entry.subject) == ("hook.add", chief.id, added.hook.id)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"url": "http://tinh.example.vn"}, "hook_url_wrong"),
        ({"events": frozenset()}, "hook_events_missing"),
        ({"events": frozenset({HookEvent.HOOK_TEST})}, "hook_events_missing"),
    ],
)
async def test_a_wrong_hook_is_not_added(
    town: Town, hooks: Hooks, changes: dict[str, object], key: str
) -> None:
    new = replace(NewHook(unit_id=town.commune.id, url=URL, events=ALL), **changes)  # type: ignore[arg-type] # fields by name
    with pytest.raises(RuleBroken) as broken:
        await hooks.add(new, by=None)
    assert broken.value.key == key
    with pytest.raises(NotFound):
        await hooks.add(NewHook(unit_id=UnitId("never"), url=URL, events=ALL), by=None)
    assert await hooks.seen_by(None) == []


async def test_there_is_an_end_to_hooks(town: Town, hooks: Hooks) -> None:
    new = NewHook(unit_id=town.commune.id, url=URL, events=ALL)
    for _ in range(MOST):
        await hooks.add(new, by=None)
    with pytest.raises(RuleBroken) as broken:
        await hooks.add(new, by=None)
    assert broken.value.key == "hooks_many"


async def test_who_keeps_which_hooks(town: Town, hooks: Hooks) -> None:
    chief = await keeper(town, "chief", town.commune)
    local = await keeper(town, "local", town.hamlet)
    announcer = await keeper(town, "lan", town.commune, Role.ANNOUNCER)
    above = NewHook(unit_id=town.commune.id, url=URL, events=ALL)
    ours = await hooks.add(replace(above, unit_id=town.hamlet.id), by=local)
    theirs = await hooks.add(above, by=chief)
    seen = {
        who.login: {one.hook.id for one in await hooks.seen_by(who)}
        for who in (chief, local, announcer)
    }
    assert seen == {
        "chief": {ours.hook.id, theirs.hook.id},
        "local": {ours.hook.id},
        "lan": set(),
    }
    for who in (local, announcer):
        with pytest.raises(NotFound):
            await hooks.add(above, by=who)
        with pytest.raises(NotFound):
            await hooks.remove(theirs.hook.id, by=who)
        with pytest.raises(NotFound):
            await hooks.test(theirs.hook.id, by=who)
        with pytest.raises(NotFound):
            await hooks.one(theirs.hook.id, who)
    with pytest.raises(NotFound):
        await hooks.remove(HookId("never"), by=None)
    await hooks.remove(ours.hook.id, by=chief)
    assert [one.hook.id for one in await hooks.seen_by(None)] == [theirs.hook.id]


async def test_a_try_is_signed_so_that_the_other_side_can_tell(
    town: Town, hooks: Hooks, poster: FakePoster
) -> None:
    new = NewHook(unit_id=town.commune.id, url=URL, events=ALL)
    added = await hooks.add(new, by=None)
    assert (await hooks.test(added.hook.id, by=None)).is_well
    (call,) = poster.posted
    assert call.url == URL
    assert json.loads(call.body) == {
        "type": "hook.test",
        "timestamp": "2026-11-22T05:00:00Z",
        "data": {"hook": added.hook.id},
    }
    # As the open conventions say it, and as docs/api.md shows.
    said = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(added.secret.removeprefix("whsec_"))
    mac = hmac.new(key, said + call.body, hashlib.sha256).digest()
    assert call.headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    assert int(call.headers["webhook-timestamp"]) == int(town.clock.now().timestamp())


async def test_a_try_says_how_it_ended_and_brings_back_who_was_off(
    town: Town, hooks: Hooks, poster: FakePoster
) -> None:
    new = NewHook(unit_id=town.commune.id, url=URL, events=ALL)
    added = await hooks.add(new, by=None)
    async with town.storage.begin() as work:
        await work.hooks.save(replace(added.hook, state=HookState.OFF))
        await work.commit()
    poster.script.extend([NotPosted("no_answer"), 301, 503])
    troubles = [(await hooks.test(added.hook.id, by=None)).trouble for _ in range(3)]
    assert troubles == ["no_answer", "answered_301", "answered_503"]
    listed = await hooks.one(added.hook.id, None)
    assert (listed.hook.state, listed.hook.trouble) == (HookState.OFF, "answered_503")
    assert (await hooks.test(added.hook.id, by=None)).trouble == ""
    listed = await hooks.one(added.hook.id, None)
    assert (listed.hook.state, listed.hook.trouble) == (HookState.ACTIVE, "")


async def test_a_secret_nobody_can_open_is_said(
    town: Town, hooks: Hooks, poster: FakePoster
) -> None:
    added = await hooks.add(NewHook(unit_id=town.commune.id, url=URL, events=ALL), by=None)
    async with town.storage.begin() as work:
        await work.hooks.save(replace(added.hook, sealed=b"of another installation"))
        await work.commit()
    assert (await hooks.test(added.hook.id, by=None)).trouble == "secret_lost"
    assert poster.posted == []
