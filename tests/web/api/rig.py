"""The whole program behind its real server, and software that speaks to its API over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app.api import made_api_tokens
from bot.app.doors import Serves, made_server
from bot.app.locking import PARTS, ServeRole
from bot.app.program import Program, open_program
from bot.clock import RealChance
from bot.config import load_config
from bot.core.api_tokens import Scope
from bot.core.languages import Language
from bot.core.messages import Address
from bot.core.officers import Officer, Role
from bot.core.units import Unit, UnitKind
from bot.services.api.tokens import MadeToken, NewToken
from bot.services.channels.channels import WEB
from bot.services.conversations.reception import Reception
from bot.services.officers.accounts import NewOfficer
from bot.services.people.people import JoinTarget
from bot.services.units.units import UnitRow
from bot.web.metrics import PrometheusMeter
from tests.fakes import FakeClock

API = "/api/v1"
PASSWORD = "bốn từ ghép lại dễ nhớ"
DRAFT: Mapping[str, Any] = {"unit": "T1", "title": "Họp tổ", "text": "Mời bà con họp tổ tối nay."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What software was answered."""

    status: int
    headers: Mapping[str, str]
    kind: str
    text: str
    json: Any

    @property
    def key(self) -> str:
        """Return the key of a refusal; every refusal has the one form."""
        assert self.kind == "application/problem+json", self.text
        assert set(self.json) == {"status", "title", "error"}
        assert self.json["status"] == self.status
        assert set(self.json["error"]) == {"key", "message", "fields"}
        assert self.json["error"]["message"]
        return str(self.json["error"]["key"])

    @property
    def fields(self) -> Mapping[str, str]:
        return self.json["error"]["fields"]  # type: ignore[no-any-return] # checked above


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A running program. `commune` has the neighbourhoods T1 and T2."""

    program: Program
    clock: FakeClock
    url: str
    http: aiohttp.ClientSession
    commune: Unit
    hamlet: Unit
    elsewhere: Unit

    async def officer(self, login: str, *roles: Role, unit: Unit | None = None) -> Officer:
        return await self.program.officer_services.officers.add(
            NewOfficer(
                login=login,
                name=login,
                password=PASSWORD,
                unit_id=(unit or self.commune).id,
                roles=frozenset(roles),
            ),
            by="test",
        )

    async def token(self, officer: Officer, *scopes: Scope) -> MadeToken:
        new = NewToken(name="phần mềm", scopes=frozenset(scopes))
        return await made_api_tokens(self.program).make(officer, new, by="test")

    async def caller(
        self, *scopes: Scope, roles: tuple[Role, ...] = tuple(Role), unit: Unit | None = None
    ) -> str:
        """Return the text of a token of a fresh officer who may everything."""
        made = await self.token(
            await self.officer(f"o{self.program.chance.token(4).hex()}", *roles, unit=unit),
            *scopes,
        )
        return made.text

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        **options: Any,  # noqa: ANN401 - handed on as it is
    ) -> Answer:
        headers = {**options.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with self.http.request(
            method, self.url + path, headers=headers, allow_redirects=False, **options
        ) as answer:
            text = await answer.text()
            is_json = answer.content_type.endswith("json")
            return Answer(
                status=answer.status,
                headers=answer.headers,
                kind=answer.content_type,
                text=text,
                json=await answer.json(content_type=None) if is_json else None,
            )

    async def get(self, path: str, token: str = "", **options: Any) -> Answer:  # noqa: ANN401 - handed on as it is
        return await self.ask("GET", API + path, token=token, **options)

    async def post(self, path: str, token: str = "", **options: Any) -> Answer:  # noqa: ANN401 - handed on as it is
        return await self.ask("POST", API + path, token=token, **options)

    async def draft(self, token: str, **changes: Any) -> str:  # noqa: ANN401 - handed on as it is
        """Write a draft; return its id."""
        written = await self.post("/announcements", token, json={**DRAFT, **changes})
        assert written.status == 201, written.text
        return str(written.json["id"])

    async def joined(self, unit: Unit, *chats: str) -> None:
        async with self.program.storage.begin() as work:
            for chat in chats:
                await self.program.people.join(
                    work,
                    Address(channel_id=WEB, chat=chat),
                    JoinTarget(unit=unit),
                    consent="test:1",
                    language=Language.VI,
                )
            await work.commit()

    async def audited(self, act: str) -> list[tuple[str, str, Mapping[str, str]]]:
        """Return actor, subject and facts of every entry of an act, newest first."""
        records = [entry.record for entry in await self.program.audit.newest(limit=1000)]
        return [(one.actor, one.subject, one.facts) for one in records if one.act == act]


def served(program: Program) -> web.Application:
    """Return the real server over a program."""
    meter = PrometheusMeter()
    reception = Reception(
        storage=program.storage,
        envelopes=program.envelopes,
        channels=program.channels.all,
        look_again=program.channels.refresh,
        is_shut=program.channels.is_shut,
        bell=program.inbox_bell,
        clock=program.clock,
        meter=meter,
    )
    return made_server(
        Serves(
            program=program,
            parts=PARTS[ServeRole.ALL],
            reception=reception,
            meter=meter,
            checks=(),
            is_demo=False,
        )
    )


@asynccontextmanager
async def open_rig(folder: Path) -> AsyncIterator[Rig]:
    config = load_config({"BINHYEN_DATA_DIR": str(folder / "data")})
    clock = FakeClock()
    async with open_program(config, clock=clock, chance=RealChance(), cheap=True) as program:
        await program.prepare()
        commune, hamlet, elsewhere = await program.units.add(
            [
                UnitRow(code="XA", name="Xã Bịa", kind=UnitKind.COMMUNE),
                UnitRow(code="T1", name="Tổ 1", kind=UnitKind.NEIGHBOURHOOD, parent="XA"),
                UnitRow(code="T2", name="Tổ 2", kind=UnitKind.NEIGHBOURHOOD, parent="XA"),
            ],
            by="test",
        )
        await program.channels.refresh()
        server = TestServer(served(program), host="127.0.0.1")
        await server.start_server(access_log=None)
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
                yield Rig(
                    program=program,
                    clock=clock,
                    url=str(server.make_url("")).rstrip("/"),
                    http=http,
                    commune=commune,
                    hamlet=hamlet,
                    elsewhere=elsewhere,
                )
        finally:
            await server.close()
