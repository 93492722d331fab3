"""Telling the police something on the page, and looking at it with the receipt."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.tips import TipCategory, TipState
from tests.tip_builder import tips_in
from tests.web.site import Site

WHAT = "Có người bán ma túy ở ngõ 3 vào tối thứ bảy."
TOLD = {"category": "drugs", "what": WHAT, "where": "Ngõ 3", "when": "tối thứ bảy"}
RECEIPT = re.compile(r'id="receipt">([0-9A-Z-]+)<')


async def receipt_for(site: Site, **changes: str) -> str:
    async with site.post("/to-giac", data={**TOLD, **changes}) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        found = RECEIPT.search(text)
        assert found is not None
        return found[1]


async def tips_of(site: Site) -> int:
    async with site.storage.read() as work:
        units = {unit.id for unit in await work.units.all()}
        return len(await tips_in(work, units, now=site.clock.now()))


@pytest.fixture(autouse=True)
async def _ready(site: Site) -> None:
    await site.can_take_tips()


async def test_the_form_says_who_sees_what_before_it_asks(site: Site) -> None:
    async with site.get("/to-giac") as answer:
        text = await answer.text()
    assert text.index("Ai thấy gì") < text.index("<form")
    assert text.index("113") < text.index("<form")
    for category in TipCategory:
        assert f'value="{category}"' in text


async def test_a_tip_is_sealed_and_its_receipt_shown_once(site: Site) -> None:
    async with site.post("/to-giac", data=TOLD) as answer:
        text = await answer.text()
    assert answer.status == 200
    assert RECEIPT.search(text)
    assert "<svg" in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert await tips_of(site) == 1


async def test_nothing_of_a_tip_leaves_a_trace_with_the_sender(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    receipt = await receipt_for(site)
    async with site.post("/to-giac", data=TOLD) as answer:
        assert "Set-Cookie" not in answer.headers
    stored = _everything_in(tmp_path)
    for secret in (WHAT, "ma túy", receipt, receipt.replace("-", ""), "tối thứ bảy"):
        assert secret.encode() not in stored
        assert secret not in caplog.text
    assert "127.0.0.1" not in caplog.text
    assert b"127.0.0.1" not in stored


def _everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_the_page_of_a_tip_asks_nobody_else_for_anything(site: Site) -> None:
    async with site.get("/to-giac") as answer:
        text = await answer.text()
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', text)


MISTAKES = [
    ({"what": ""}, "what"),
    ({"what": " \u200b\x00 "}, "what"),
    ({"category": ""}, "category"),
    ({"category": "opinions"}, "category"),
    ({"what": "x" * 4001}, "what"),
    ({"where": "x" * 301}, "where"),
    ({"when": "x" * 301}, "when"),
]


@pytest.mark.parametrize(("changes", "field"), MISTAKES, ids=str)
async def test_a_mistake_is_shown_beside_its_field_and_nothing_typed_is_lost(
    site: Site, changes: dict[str, str], field: str
) -> None:
    async with site.post("/to-giac", data={**TOLD, "when": "đêm qua", **changes}) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert f'href="#{field}"' in text
    if "when" not in changes:
        assert 'value="đêm qua"' in text
    assert await tips_of(site) == 0


@pytest.mark.parametrize(
    "what",
    ["🔥" * 100, "\u202eđảo ngược", "a\x00b" * 100, "ộ" * 4000, "<script>alert(1)</script>"],
    ids=["emoji", "marks", "nulls", "longest", "markup"],
)
async def test_a_tip_may_be_any_text(site: Site, what: str) -> None:
    await receipt_for(site, what=what)
    assert await tips_of(site) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff&what=%c3", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b"a=b", "application/x-www-form-urlencoded; charset=klingon"),
        (b"{}", "application/json"),
        (b"", "text/plain"),
    ],
    ids=["bytes", "half a part", "no boundary", "charset", "json", "nothing"],
)
async def test_a_body_that_is_no_form_is_refused_and_breaks_nothing(
    site: Site, body: bytes, kind: str
) -> None:
    async with site.post("/to-giac", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == 400
    assert await tips_of(site) == 0


async def test_danger_in_a_tip_is_told_whom_to_call_before_anything_else(site: Site) -> None:
    async with site.post("/to-giac", data={**TOLD, "what": "chay nha roi cuu voi"}) as answer:
        text = await answer.text()
    main = text[text.index("<main") :]
    assert main.index("114") < main.index("<h1")
    async with site.storage.read() as work:
        units = {unit.id for unit in await work.units.all()}
        (tip,) = await tips_in(work, units, now=site.clock.now())
    assert tip.is_urgent


async def test_an_urgent_tip_is_told_to_call_first(site: Site) -> None:
    async with site.post("/to-giac", data={**TOLD, "urgent": "1"}) as answer:
        text = await answer.text()
    assert text.index("note--danger") < text.index('id="receipt"')


async def test_a_tip_goes_to_the_place_that_was_picked(site: Site) -> None:
    await receipt_for(site, unit="THON-1")
    place = await site.neighbourhood()
    async with site.storage.read() as work:
        (tip,) = await tips_in(work, {place.id}, now=site.clock.now())
    assert tip.unit_id == place.id


async def test_many_behind_one_address_wait_a_moment_and_lose_nothing(site: Site) -> None:
    for _ in range(30):
        await receipt_for(site)
    async with site.post("/to-giac", data=TOLD) as answer:
        text = await answer.text()
    assert answer.status == 429
    wait_s = int(answer.headers["Retry-After"])
    assert wait_s <= 3
    assert WHAT in text
    site.clock.advance(timedelta(seconds=wait_s))
    await receipt_for(site)


@pytest.mark.parametrize("change", [str, str.lower, lambda text: text.replace("-", " ")])
async def test_a_receipt_shows_the_state_however_it_is_typed(site: Site, change: object) -> None:
    assert callable(change)
    typed = change(await receipt_for(site))
    async with site.post("/theo-doi", data={"code": typed}) as answer:
        text = await answer.text()
    assert "Đã nhận, đang chờ cán bộ xem." in text
    assert "22/11/2026" in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert WHAT not in text


@pytest.mark.parametrize("code", ["AAAA", "x" * 500, "<b>", "0000-0000-0000-0000-0000-0000"])
async def test_an_unknown_receipt_is_told_so(site: Site, code: str) -> None:
    async with site.post("/theo-doi", data={"code": code}) as answer:
        text = await answer.text()
    assert "Không tìm thấy tin nào" in text
    assert "<b>" not in text


async def test_an_empty_receipt_is_asked_for(site: Site) -> None:
    async with site.post("/theo-doi", data={}) as answer:
        assert answer.status == 400


async def test_guessing_at_a_receipt_is_slowed_down(site: Site) -> None:
    receipt = await receipt_for(site)
    wrong = receipt[:4] + site.vault.receipts.new().text[4:]
    # The check character covers all of it, so a guesser must make fitting ones.
    guesses = [wrong, *(_fitting(site, receipt[:4]) for _ in range(6))]
    statuses = []
    for guess in guesses[1:]:
        async with site.post("/theo-doi", data={"code": guess}) as answer:
            statuses.append(answer.status)
    assert statuses[:5] == [200] * 5
    assert statuses[5] == 429


def _fitting(site: Site, locator: str) -> str:
    """Return a well-formed receipt with that beginning: what a guesser would try."""
    while True:
        secret = site.vault.receipts.new().text[4:-1]
        for last in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            try:
                return site.vault.receipts.parse(f"{locator}{secret}{last}").text
            except Exception:  # noqa: BLE001, S112 - the next character
                continue


@pytest.mark.parametrize("state", TipState)
async def test_every_state_has_a_sentence_for_the_one_who_told(
    site: Site, state: TipState
) -> None:
    receipt = await receipt_for(site)
    async with site.storage.begin() as work:
        units = {unit.id for unit in await work.units.all()}
        (tip,) = await tips_in(work, units, now=site.clock.now())
        await work.tips.save(replace(tip, state=state))
        await work.commit()
    async with site.post("/theo-doi?lang=en", data={"code": receipt}) as answer:
        assert answer.status == 200
        assert "lead--strong" in await answer.text()
