"""Where Zalo sends an officer back: told in words, on a page whose address says nothing."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.app.doors import Serves, made_server
from bot.app.locking import PARTS, ServeRole
from bot.app.program import Program, open_program
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.officers import Role
from bot.services.audit import MACHINE
from bot.services.channels.connecting import Begun
from bot.services.channels.grants import BROWSER_COOKIE, Application
from bot.services.conversations.reception import Reception
from bot.services.officers.accounts import NewOfficer
from bot.web.metrics import PrometheusMeter
from tests.channels.stubs.zalo_stub import ZaloStub

CALLBACK = "/connect/zalo/callback"
OUTCOME = "/connect/zalo/ket-qua"
PASSWORD = "bốn từ ghép lại dễ nhớ"


@dataclass(frozen=True, kw_only=True)
class Seen:
    status: int
    location: str
    text: str
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Door:
    """The whole program, listening, with an account to connect on the stub."""

    program: Program
    stub: ZaloStub
    url: str
    http: aiohttp.ClientSession

    async def begin(self, *, by: str = MACHINE, session: bytes = b"") -> Begun:
        (unit,) = await self.program.units.all()
        settings = {
            "app_id": self.stub.app.app_id,
            "api_url": self.stub.url,
            "oauth_url": self.stub.url,
        }
        secrets = {
            "app_secret": self.stub.app.app_secret,
            "oa_secret": self.stub.app.webhook_secret,
        }
        application = Application(unit_id=unit.id, settings=settings, secrets=secrets)
        return await self.program.connecting.begin(application, by=by, session=session)

    async def agree(self, begun: Begun) -> str:
        """Say yes at Zalo; return the path it leads back to."""
        async with self.http.get(begun.link, allow_redirects=False) as answer:
            return URL(answer.headers["Location"]).path_qs

    async def get(self, path: str, *, cookie: str = "", method: str = "GET") -> Seen:
        headers = {"Cookie": f"{BROWSER_COOKIE}={cookie}"} if cookie else {}
        async with self.http.request(
            method, self.url + path, headers=headers, allow_redirects=False
        ) as answer:
            return Seen(
                status=answer.status,
                location=answer.headers.get("Location", ""),
                text=await answer.text(),
                headers=dict(answer.headers),
            )


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    config = load_config({"BINHYEN_DATA_DIR": str(tmp_path / "data")})
    async with (
        ZaloStub() as stub,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        open_program(config, clock=RealClock(), chance=RealChance(), cheap=True) as program,
    ):
        await program.prepare()
        stub.app.redirect_uri = config.public_url + CALLBACK
        reception = Reception(
            storage=program.storage,
            envelopes=program.envelopes,
            channels=program.channels.all,
            look_again=program.channels.refresh,
            is_shut=program.channels.is_shut,
            bell=program.inbox_bell,
            clock=program.clock,
            meter=PrometheusMeter(),
        )
        serves = Serves(
            program=program,
            parts=PARTS[ServeRole.ALL],
            reception=reception,
            meter=PrometheusMeter(),
            checks=(),
            is_demo=False,
        )
        server = TestServer(made_server(serves))
        # As `bot.app` does: aiohttp's own log writes addresses.
        await server.start_server(access_log=None)
        url = str(server.make_url("")).rstrip("/")
        yield Door(program=program, stub=stub, url=url, http=http)
        await server.close()


async def test_the_code_leads_on_to_an_address_without_it(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    begun = await door.begin()
    path = await door.agree(begun)

    called = await door.get(path)
    page = await door.get(called.location)

    assert (called.status, called.location) == (303, f"{OUTCOME}/{begun.id}")
    assert (page.status, "Đã kết nối xong" in page.text) == (200, True)
    for seen in (called, page):
        assert seen.headers["Referrer-Policy"] == "no-referrer"
        assert seen.headers["Cache-Control"] == "no-store"
    query = URL(path).query
    secrets = [query["code"], query["state"], door.stub.tokens.access_token]
    shown = page.text + called.text + called.location + caplog.text
    assert [one for one in secrets if one in shown] == []


async def test_a_look_beforehand_uses_nothing_up(door: Door) -> None:
    path = await door.agree(await door.begin())
    assert (await door.get(path, method="HEAD")).status == 405
    assert (await door.get((await door.get(path)).location)).status == 200
    assert door.stub.calls["/v4/oa/access_token"] == 1


async def test_the_browser_it_began_in_is_known_by_its_cookie(door: Door) -> None:
    new = NewOfficer(
        login="an",
        name="Cán bộ An",
        password=PASSWORD,
        unit_id=(await door.program.units.all())[0].id,
        roles=frozenset({Role.ADMIN}),
    )
    await door.program.officer_services.officers.add(new, by="test")
    signed_in = await door.program.officer_services.sign_ins.sign_in("an", PASSWORD)
    assert signed_in is not None
    begun = await door.begin(by=signed_in.officer.id, session=signed_in.session.token_hash)
    path = await door.agree(begun)

    stranger = await door.get(path, cookie="another")
    told = await door.get(stranger.location)
    called = await door.get(path, cookie=begun.browser_key)
    page = await door.get(called.location)

    assert "trình duyệt khác" in told.text
    assert "Đã kết nối xong" in page.text
    assert 'href="/console/kenh"' in page.text


@pytest.mark.parametrize(
    "path",
    [
        CALLBACK,
        f"{CALLBACK}?code=x&state=y",
        f"{CALLBACK}?state=" + "é" * 900,
        f"{CALLBACK}?error_code=-14003&error_code=1",
        f"{OUTCOME}/nothing",
        f"{OUTCOME}?vi-sao=%F0%9F%98%80",
        OUTCOME,
    ],
)
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_a_call_of_nobody_is_told_kindly(door: Door, path: str, language: str) -> None:
    called = await door.get(path)
    place = called.location or path
    page = await door.get(f"{place}{'&' if '?' in place else '?'}lang={language}")
    assert page.status == 200
    words = {"vi": "Chưa kết nối được", "en": "Not connected yet"}
    assert words[language] in page.text


async def test_a_no_at_zalo_is_explained(door: Door) -> None:
    begun = await door.begin()
    state = URL(begun.link).query["state"]
    called = await door.get(f"{CALLBACK}?state={state}&error_code=-14003")
    assert "Callback URL" in (await door.get(called.location)).text


async def test_a_grant_still_under_way_says_so_and_looks_again(door: Door) -> None:
    begun = await door.begin()
    page = await door.get(f"{OUTCOME}/{begun.id}")
    assert 'http-equiv="refresh"' in page.text


async def test_the_codes_of_the_domain_stand_in_file_and_tag(door: Door) -> None:
    await door.program.domain.put("zalo_verifierAbC-1.html", by="test")
    assert "AbC-1" in (await door.get("/zalo_verifierAbC-1.html")).text
    assert (await door.get("/zalo_verifierabc-1.html")).status == 404
    tag = '<meta name="zalo-platform-site-verification" content="AbC-1">'
    for path in ("/", "/du-lieu", "/tro-chuyen"):
        assert tag in (await door.get(path)).text, path
