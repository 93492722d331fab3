"""An announcement being sent, watched by pages that stay open."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from yarl import URL

from bot.core.announcements import AnnouncementState
from bot.core.deliveries import DeliveryState, Lane, Outcome
from bot.core.errors import StorageTrouble
from bot.core.ids import AnnouncementId
from bot.core.officers import Role
from bot.core.sending import Reason
from bot.services.announcements.announcing import Wording
from bot.services.announcements.watching import MOST_OF_ONE
from bot.services.channels.channels import WEB
from bot.services.officers.sign_ins import IDLE_LIFE
from console.headers import HEADERS
from console.site import LONG
from console.streams import LAST
from tests.console.browser import Browser
from tests.console.rig import Rig

LISTENS = {"Accept": "text/html, text/event-stream"}


class Ear:
    """Reads one stream as a page does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer
        self.mark = ""

    async def next(self) -> str:
        """Return the next part of the page, "last" for the event that ends it, "" at the end."""
        name, lines = "", []
        while line := (await self._answer.content.readline()).decode():
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                lines.append(value)
            elif field == "id":
                self.mark = value
            elif not line.strip() and (lines or name):
                return "last" if name == LAST else " ".join(lines)
        return ""

    async def comment(self) -> str:
        while not (line := (await self._answer.content.readline()).decode()).startswith(":"):
            assert line
        return line


@asynccontextmanager
async def watching(
    rig: Rig, browser: Browser, announcement: AnnouncementId, **headers: str
) -> AsyncIterator[Ear]:
    url = URL(str(rig.server.make_url(f"/console/thong-bao/{announcement}/dong")))
    async with browser.session.get(url, headers={**LISTENS, **headers}) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
        yield Ear(answer)


async def sending(rig: Rig, people: int = 3, **wording: object) -> AnnouncementId:
    for number in range(people):
        await rig.joined(rig.commune, f"chat-{number}")
    values = {"unit_id": rig.commune.id, "title": "Họp tổ", "text": "Tối nay.", **wording}
    written = await rig.services.announcements.write(Wording(**values), by=None)  # type: ignore[arg-type] # fields by name
    await rig.services.announcements.release(written.id, by=None)
    return written.id


async def settle(
    rig: Rig, state: DeliveryState = DeliveryState.SENT, reason: Reason | None = None
) -> None:
    """Let one copy end, as delivery in another process would."""
    now = rig.clock.now()
    until = now + timedelta(minutes=1)
    async with rig.storage.begin() as work:
        (row,) = await work.deliveries.claim(
            WEB, list(Lane), 1, owner="post", now=now, lease_until=until
        )
        await work.deliveries.mark_sending(
            [row.id], owner="post", attempt_id="a", now=now, until=until
        )
        outcome = Outcome(delivery_id=row.id, attempt_id="a", state=state, reason=reason)
        await work.deliveries.record([outcome], at=now)
        await work.commit()


async def test_a_page_is_sent_each_change_until_the_sending_is_over(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        assert "0/3" in await ear.next()
        await settle(rig)
        assert "1/3" in await ear.next()
        await settle(rig, DeliveryState.FAILED, Reason.BLOCKED)
        assert "Người nhận đã chặn" in await ear.next()
        await settle(rig)
        assert "Đã gửi xong" in await ear.next()
        assert await ear.next() == "last"
        assert await ear.next() == ""


async def test_how_fast_it_goes_and_how_long_it_takes_is_said(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig, people=6)
    async with rig.signed_in("an") as browser:
        for _ in range(2):
            rig.clock.advance(timedelta(seconds=20))
            await settle(rig)
        async with watching(rig, browser, one) as ear:
            part = await ear.next()
            # Two in forty seconds are three a minute; four more take eighty seconds.
            assert "3 tin/phút · còn khoảng 1 phút" in part
            rig.clock.advance(timedelta(minutes=2))
            assert "0 tin/phút" in (stalled := await ear.next())
            assert "còn khoảng" not in stalled


async def test_a_page_that_comes_back_is_told_only_what_is_new(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser:
        async with watching(rig, browser, one) as ear:
            await ear.next()
        async with watching(rig, browser, one, **{"Last-Event-ID": ear.mark}) as again:
            await settle(rig)
            assert "1/3" in await again.next()


async def test_an_announcement_that_waits_for_its_hour_is_watched_too(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig, due_at=rig.clock.now() + timedelta(minutes=30))
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        assert "Đã hẹn giờ" in await ear.next()
        rig.clock.advance(timedelta(minutes=30))
        await rig.services.announcements.start_due()
        assert "Đang gửi" in await ear.next()


@pytest.mark.parametrize("state", [AnnouncementState.DRAFT, AnnouncementState.CANCELLED])
async def test_what_cannot_change_any_more_ends_at_once(
    rig: Rig, state: AnnouncementState
) -> None:
    await rig.officer("an", Role.VIEWER)
    wording = Wording(unit_id=rig.commune.id, title="Họp tổ", text="Tối nay.")
    one = (await rig.services.announcements.write(wording, by=None)).id
    if state is AnnouncementState.CANCELLED:
        await rig.services.announcements.cancel(one, by=None)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        assert await ear.next() == "last"


# --- who may ------------------------------------------------------------------------------------


async def test_a_session_that_runs_out_ends_the_stream_and_says_so(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        rig.clock.advance(IDLE_LIFE + timedelta(minutes=1))
        told = await ear.next()
        assert "Phiên làm việc đã hết" in told
        assert "0/3" not in told
        assert await ear.next() == "last"


async def test_watching_does_not_keep_a_session_alive(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        for _ in range(3):
            rig.clock.advance(IDLE_LIFE / 2 - timedelta(minutes=5))
            await settle(rig)
            if "Phiên làm việc đã hết" in await ear.next():
                break
        else:
            pytest.fail("a page nobody touched kept its session alive")


async def test_signing_out_elsewhere_ends_the_stream(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        await browser.send("/console/dang-xuat", page="/console")
        assert "Phiên làm việc đã hết" in await ear.next()


async def test_an_officer_who_is_changed_meanwhile_sees_no_more(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    elsewhere = await rig.unit("to-9", "Tổ 9")
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        async with rig.storage.begin() as work:
            officer = await work.officers.by_login("an")
            assert officer is not None
            await work.officers.save(replace(officer, unit_id=elsewhere.id))
            await work.commit()
        assert "Phiên làm việc đã hết" in await ear.next()


async def test_a_stranger_who_listens_hears_only_that(rig: Rig) -> None:
    one = await sending(rig)
    async with rig.browser() as browser, watching(rig, browser, one) as ear:
        told = await ear.next()
        assert "Phiên làm việc đã hết" in told
        assert "Họp tổ" not in told
        assert await ear.next() == "last"


async def test_pages_beyond_the_bound_ask_instead(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, AsyncExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            ear = await stack.enter_async_context(watching(rig, browser, one))
            await ear.next()
        page = await browser.get(f"/console/thong-bao/{one}/dong")
        assert page.headers["Content-Type"].startswith("text/html")
        asks = re.search(r'hx-get="([^"]+)" hx-trigger="every 2s"', page.html)
        assert asks is not None
        assert (await browser.get(asks[1])).status == 204
        await settle(rig)
        changed = await browser.get(asks[1])
        assert "1/3" in changed.text
        assert "<html" not in changed.html
        for _ in range(2):
            await settle(rig)
        assert "hx-get" not in (await browser.get(asks[1])).html


# --- the server ---------------------------------------------------------------------------------


async def test_a_stopping_server_ends_every_stream(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        rig.services.watching.close()
        assert await ear.next() == ""


async def test_a_quiet_line_is_kept_open(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig, due_at=rig.clock.now() + timedelta(minutes=30))
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()
        rig.clock.advance(timedelta(seconds=21))
        assert "still here" in await ear.comment()


async def test_a_database_that_is_away_ends_the_stream_and_the_page_comes_back(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser, watching(rig, browser, one) as ear:
        await ear.next()

        async def away(_id: AnnouncementId) -> None:
            raise StorageTrouble("invented")

        rig.services.watching.look = away  # type: ignore[assignment,method-assign] # the disk is gone
        assert await ear.next() == ""


async def test_without_scripts_the_page_loads_itself_anew(rig: Rig) -> None:
    await rig.officer("an", Role.VIEWER)
    one = await sending(rig)
    async with rig.signed_in("an") as browser:
        page = await browser.get(f"/console/thong-bao/{one}")
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.html
        assert f'hx-sse:connect="/console/thong-bao/{one}/dong"' in page.html
        for _ in range(3):
            await settle(rig)
        done = await browser.get(f"/console/thong-bao/{one}")
        assert "http-equiv" not in done.html
        assert "hx-sse" not in done.html.replace("hx-sse.min.js", "")


def test_long_answers_are_named_as_the_server_knows_them(rig: Rig) -> None:
    known = {
        route.resource.canonical
        for resource in rig.server.app.router.resources()
        for route in resource
        if route.resource is not None
    }
    assert LONG
    assert known >= LONG
