"""A SIGKILL at any moment around a renewal: the pair that is stored afterwards works.

What is promised: however `serve` is killed, the pair is never lost, because another process, which
heeds no polite signal and stands in a session of its own, asks for it and stores it. What cannot
be: if that very process dies (a power cut, a kill by its own number) after Zalo rotated the pair
and before the answer is on the disk, a few thousandths of a second, nobody holds the new pair.
That is then noticed at the next look and said loudly.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web

from bot.app.program import Program, open_program
from bot.app.renewing import CHILD
from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.calls import ZaloCalls
from bot.channels.zalo.pairs import ACCESS_TOKEN
from bot.channels.zalo.renewal import RenewalHere
from bot.channels.zalo.tokens import TokenKeeper
from bot.clock import RealChance, RealClock
from bot.config import load_config
from bot.core.channels import Credentials
from bot.core.ids import ChannelId
from bot.core.sending import ChannelBroken
from bot.services.audit import MACHINE
from bot.services.channels.credentials import REFRESH_TOKEN, StoredCredentials
from bot.services.channels.grants import Application
from tests.channels.stand_ins import say_key
from tests.channels.stubs.zalo_stub import ZaloStub
from tests.journeys.program import ROOT, Installation

# When the victim is killed: in thousandths of a second after its request came to Zalo was
# carried out; below zero: before that. START: as soon as it is there.
START, ARRIVED, ROTATED = -3, -2, -1
MOMENTS = [START, ARRIVED, ROTATED, 0, 1, 2, 4, 8, 16, 32]
# The measure is a hundred: `BINHYEN_KILLS=100 pytest tests/journeys/test_renewal_killed.py`.
ROUNDS = int(os.environ.get("BINHYEN_KILLS", "50"))  # noqa: TID251 - only how long to try

pytestmark = pytest.mark.timeout(30 + 6 * ROUNDS)


@dataclass(kw_only=True)
class Bench:
    """An account on the stub, and what is done to whoever renews its pair."""

    installation: Installation
    stub: ZaloStub
    program: Program
    channel_id: ChannelId
    session: aiohttp.ClientSession
    reported: list[str]
    at: int = START
    strike: Callable[[], None] = lambda: None

    def listen(self) -> None:
        """Let the stub strike at the chosen moment of a renewal."""
        answer: Callable[[web.Request], Awaitable[web.Response]] = self.stub.oauth.token

        async def token(request: web.Request) -> web.Response:
            if self.at == ARRIVED:
                self.strike()
            response = await answer(request)
            if self.at == ROTATED:
                self.strike()
            elif self.at >= 0:
                asyncio.get_running_loop().call_later(self.at / 1000, self.strike)
            return response

        self.stub.oauth.token = token  # type: ignore[method-assign] # put in its place

    async def give_pair(self) -> None:
        """Give the account the living pair, of unknown age, so that it is due."""
        pair = self.stub.oauth.issue(self.stub.oa.oa_id)
        tokens = {ACCESS_TOKEN: pair.access_token, REFRESH_TOKEN: pair.refresh_token}
        await self.program.connecting.give_pair(self.channel_id, tokens, by=MACHINE)

    def spare(self) -> None:
        """Strike nobody any more."""
        self.at, self.strike = ARRIVED, lambda: None

    async def next_start(self) -> Credentials:
        """Renew as the next program would, waiting for a renewal that is still under way."""
        self.spare()
        keeper, store = self.keeper()
        await keeper.look()
        return await store.load()

    def keeper(self) -> tuple[TokenKeeper, StoredCredentials]:
        program = self.program

        async def report(channel_id: ChannelId, trouble: str) -> None:
            assert channel_id == self.channel_id
            self.reported.append(trouble)

        store = StoredCredentials(
            self.channel_id,
            storage=program.storage,
            envelopes=program.envelopes,
            clock=program.clock,
            chance=program.chance,
            owner="next",
            report=report,
        )
        account = ZaloAccount(
            id=self.channel_id,
            app_id=self.stub.app.app_id,
            oa_id=self.stub.oa.oa_id,
            app_secret=self.stub.app.app_secret,
            oa_secret=self.stub.app.webhook_secret,
            oauth_url=self.stub.url,
        )
        calls = ZaloCalls(self.session)
        here = RenewalHere(account, store=store, calls=calls, clock=program.clock)
        keeper = TokenKeeper(account, store=store, renews=here, clock=program.clock, say=say_key)
        return keeper, store


@asynccontextmanager
async def _bench(installation: Installation) -> AsyncIterator[Bench]:
    config = load_config({"BINHYEN_DATA_DIR": str(installation.folder)})
    async with (
        ZaloStub() as stub,
        aiohttp.ClientSession() as session,
        open_program(config, clock=RealClock(), chance=RealChance(), cheap=True) as program,
    ):
        await program.prepare()
        (unit,) = await program.units.all()
        settings = {"app_id": stub.app.app_id, "oa_id": stub.oa.oa_id, "oauth_url": stub.url}
        secrets = {"app_secret": stub.app.app_secret, "oa_secret": stub.app.webhook_secret}
        account, _ = await program.connecting.keep(
            Application(unit_id=unit.id, settings=settings, secrets=secrets), by=MACHINE
        )
        bench = Bench(
            installation=installation,
            stub=stub,
            program=program,
            channel_id=account.id,
            session=session,
            reported=[],
        )
        bench.listen()
        yield bench


@pytest.fixture
async def bench(installation: Installation) -> AsyncIterator[Bench]:
    async with _bench(installation) as opened:
        yield opened


async def test_no_kill_of_the_program_loses_the_pair(bench: Bench) -> None:
    forks = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.journeys.renewal_victim", bench.channel_id),
        cwd=ROOT,
        env=bench.installation.env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert forks.stdin is not None
    assert forks.stdout is not None
    for number in range(ROUNDS):
        await bench.give_pair()
        bench.at = MOMENTS[number % len(MOMENTS)]
        forks.stdin.write(b"look\n")
        victim = int(await forks.stdout.readline())

        def strike(victim: int = victim) -> None:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)

        bench.strike = strike
        if bench.at == START:
            strike()
        assert await forks.stdout.readline() == b"ended\n"

        held = await bench.next_start()

        assert held.values[ACCESS_TOKEN] == bench.stub.tokens.access_token
        assert held.values[REFRESH_TOKEN] == bench.stub.tokens.refresh_token
    forks.stdin.close()
    await forks.wait()
    assert bench.reported == []
    # Above all: no refresh token was used a second time.
    assert bench.stub.broken_rules == []


async def _apart(bench: Bench) -> asyncio.subprocess.Process:
    version = (await bench.program.channels.accounts())[-1].version
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", CHILD, bench.channel_id, str(version)),
        cwd=ROOT,
        env=bench.installation.env,
        stdout=asyncio.subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_who_renews_heeds_no_polite_signal_until_the_pair_is_stored(
    bench: Bench, number: signal.Signals
) -> None:
    await bench.give_pair()
    process = await _apart(bench)
    bench.at, bench.strike = ROTATED, lambda: process.send_signal(number)
    said, _ = await process.communicate()
    assert said == b'{"end":"renewed","text":""}'
    held = await bench.next_start()
    assert held.values[ACCESS_TOKEN] == bench.stub.tokens.access_token
    assert bench.stub.oauth.refreshes == 1


async def test_who_renews_leaves_alone_what_somebody_renewed(bench: Bench) -> None:
    await bench.give_pair()
    process = await _apart(bench)
    await bench.give_pair()
    await process.wait()
    assert bench.stub.oauth.refreshes == 0


async def test_what_cannot_be_kept_is_noticed_and_said(bench: Bench) -> None:
    await bench.give_pair()
    process = await _apart(bench)
    bench.at, bench.strike = ROTATED, process.kill
    await process.wait()
    async with bench.program.storage.begin() as work:
        # As if the two minutes had passed after which the lock of the dead is free.
        await work.claims.lease(
            f"renew:{bench.channel_id}",
            owner="nobody",
            now=bench.program.clock.now().replace(year=2999),
            until=bench.program.clock.now(),
        )
        await work.commit()
    bench.spare()
    keeper, store = bench.keeper()
    with pytest.raises(ChannelBroken):
        await keeper.after_refusal(await store.load())
    assert bench.reported == ["zalo_reconnect"]


async def test_a_killed_program_answers_after_its_next_start_with_the_pair_renewed_meanwhile(
    installation: Installation,
) -> None:
    async with ZaloStub() as stub:
        person = stub.person()
        async with installation.serving() as program:
            account = await installation.command(
                *("channel", "add", "zalo", "--unit", "DEMO"),
                *("--app-id", stub.app.app_id, "--app-secret", stub.app.app_secret),
                *("--oa-id", stub.oa.oa_id, "--oa-secret", stub.app.webhook_secret),
                *("--access-token", stub.tokens.access_token),
                *("--refresh-token", stub.tokens.refresh_token),
                *("--api-url", stub.url, "--oauth-url", stub.url),
            )
            stub.webhook.url = installation.url + account["webhook_path"]
            await stub.user_says(person, "báo cháy gọi số nào")
            await stub.wait_for_sent(1, timeout_s=20)
            renewed = stub.oauth.refreshes
            rotated = asyncio.Event()
            answer = stub.oauth.token

            async def token(request: web.Request) -> web.Response:
                response = await answer(request)
                rotated.set()
                return response

            stub.oauth.token = token  # type: ignore[method-assign] # put in its place
            stub.clock.advance(26 * 3600)
            await stub.user_says(person, "báo cháy gọi số nào")
            await rotated.wait()
            await program.kill()
        async with installation.serving():
            await stub.wait_for_sent(2, timeout_s=20)
            check = await installation.command("channel", "check", account["id"])
        assert check["can_send"]
        assert stub.oauth.refreshes == renewed + 1
        assert stub.broken_rules == []
