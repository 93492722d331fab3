"""What the page sends sealed, over HTTP: stored whole and answered, or refused in words."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.services.tips.receiving.sealed_intake import SealedTip
from tests.sealed_tips import body_of, envelope_of, sealed_tip
from tests.web.site import Site

PATH = "/to-giac/kin"


async def made(site: Site, *, pictures: tuple[bytes, ...] = ()) -> SealedTip:
    home = await site.home()
    return sealed_tip(
        site.vault, await site.receiving.sealed.readers(), home.id, pictures=pictures
    )


async def tips_of(site: Site) -> int:
    return len(await site.reading.queue.metadata(await site.home(), by="test"))


@pytest.fixture(autouse=True)
async def _ready(site: Site) -> None:
    await site.can_take_tips()


async def test_a_sealed_tip_gets_its_receipt_once(site: Site) -> None:
    tip = await made(site, pictures=(b"jpeg",) * 10)
    async with site.post(PATH, data=body_of(envelope_of(tip), tip.records)) as answer:
        text = await answer.text()
    assert answer.status == 200
    assert 'id="receipt"' in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert await tips_of(site) == 1


async def test_the_page_holds_what_it_needs_to_seal(site: Site) -> None:
    async with site.get("/to-giac") as answer:
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    data = json.loads(text.split('id="tip-data">')[1].split("</script>")[0])
    readers = await site.receiving.sealed.readers()
    home = await site.home()
    assert data["ground"]["top"] == home.code
    assert data["ground"]["units"][home.code]["id"] == home.id
    for holder in readers.of(home.id):
        assert base64.b64decode(data["ground"]["keys"][holder.id]) == holder.public_key
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    async with site.get("/") as answer:
        assert "wasm" not in answer.headers["Content-Security-Policy"]


async def test_the_rules_of_the_page_may_be_kept_and_are_asked_for_by_their_hash(
    site: Site,
) -> None:
    async with site.get("/to-giac") as answer:
        text = await answer.text()
    data = json.loads(text.split('id="tip-data">')[1].split("</script>")[0])
    async with site.get(data["rules"]) as answer:
        assert set(await answer.json()) == {"danger", "revealing"}
        assert "immutable" in answer.headers["Cache-Control"]


async def test_old_readers_are_answered_with_todays(site: Site) -> None:
    tip = await made(site)
    envelope = {**envelope_of(tip), "keys": {}}
    async with site.post(PATH, data=body_of(envelope, tip.records)) as answer:
        said = await answer.json()
    assert answer.status == 409
    assert said["error"] == "readers"
    assert said["ground"]["keys"]
    assert await tips_of(site) == 0


async def test_what_came_twice_is_stored_once(site: Site) -> None:
    tip = await made(site)
    for status in (200, 409):
        async with site.post(PATH, data=body_of(envelope_of(tip), tip.records)) as answer:
            assert answer.status == status
    assert await tips_of(site) == 1


async def test_many_behind_one_address_are_told_how_long_to_wait(site: Site) -> None:
    for _ in range(30):
        async with site.post(PATH, data=body_of({}, [])) as answer:
            assert answer.status == 400
    tip = await made(site)
    async with site.post(PATH, data=body_of(envelope_of(tip), tip.records)) as answer:
        said = await answer.json()
    assert answer.status == 429
    assert answer.headers["Retry-After"] == str(said["wait_s"])


async def test_no_key_leaves_a_trace(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    tip = await made(site)
    async with site.post(PATH, data=body_of(envelope_of(tip), tip.records)) as answer:
        assert answer.status == 200
    stored = _everything_in(tmp_path)
    assert tip.talk_private not in stored
    assert base64.b64encode(tip.talk_private) not in stored
    assert PATH not in caplog.text
    assert "127.0.0.1" not in caplog.text


def _everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_page_of_somebody_else_cannot_send(site: Site) -> None:
    tip = await made(site)
    headers = {"Sec-Fetch-Site": "cross-site"}
    body = body_of(envelope_of(tip), tip.records)
    async with site.post(PATH, data=body, headers=headers) as answer:
        assert answer.status == 403


BODIES: list[tuple[bytes, str]] = [
    (b"", "multipart/form-data; boundary=x"),
    (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
    (
        b"--x\r\nContent-Disposition: form-data; name=tip\r\n\r\n{}",
        "multipart/form-data; boundary=x",
    ),
    (b"{}", "application/json"),
    (b"tip=%7B%7D", "application/x-www-form-urlencoded"),
    (b"nothing", "multipart/form-data"),
]


@pytest.mark.parametrize(("body", "kind"), BODIES, ids=range(len(BODIES)))
async def test_a_body_that_is_no_sealed_tip_is_refused(site: Site, body: bytes, kind: str) -> None:
    async with site.post(PATH, data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == 400
    assert await tips_of(site) == 0


async def test_a_line_that_is_too_slow_is_told_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.sealed_form.UPLOAD_S", 0.2)
    answered = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="tip"\r\n\r\n{'
        await answered.wait()

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with site.post(PATH, data=slowly(), headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (408, "too_slow")
        answered.set()


async def test_more_than_ten_pictures_are_refused(site: Site) -> None:
    tip = await made(site)
    records = [*tip.records, *[tip.records[1]] * 20]
    async with site.post(PATH, data=body_of(envelope_of(tip), records)) as answer:
        assert answer.status == 400
    assert await tips_of(site) == 0


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["id", "unit", "category", "is_urgent", "about_officer", "talk", "keys", "more"]
    ),
    ANYTHING,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=FIELDS,
    records=st.lists(st.binary(max_size=2000), max_size=4),
    keeps_records=st.booleans(),
)
async def test_whatever_comes_is_stored_whole_or_refused(
    site: Site, *, changes: Mapping[str, object], records: list[bytes], keeps_records: bool
) -> None:
    site.clock.advance(timedelta(hours=1))
    before = await tips_of(site)
    tip = await made(site)
    body = body_of({**envelope_of(tip), **changes}, tip.records if keeps_records else records)
    async with site.post(PATH, data=body) as answer:
        assert answer.status in {200, 400, 409}
    assert await tips_of(site) - before == (answer.status == 200)
