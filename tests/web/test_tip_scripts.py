"""The scripts of the form read and seal as the server does: the same texts, the same bytes."""

import base64
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from nacl.public import PrivateKey
from playwright.async_api import Browser, Page, Route, expect

from bot.core.ids import is_id
from bot.core.text import fold
from bot.services.answers.answers import Answers
from bot.web.assets import OWN_FOLDER
from content.book import Book
from content.dangers import read_dangers
from tests.content.test_revealing import BETRAYS, TELLS_OF_OTHERS
from tests.web.site import Site, open_site

pytestmark = pytest.mark.timeout(120)

CASES = Path(__file__).parents[1] / "services" / "answers"
FIND_DANGER = """
    async texts => {
        const data = JSON.parse(document.getElementById("tip-data").textContent);
        const rules = await (await fetch(data.rules)).json();
        const danger = new binhyenWarn.Danger(rules.danger);
        return texts.map(text => danger.find(text));
    }
"""
FIND_HINTS = """
    async texts => {
        const data = JSON.parse(document.getElementById("tip-data").textContent);
        const rules = await (await fetch(data.rules)).json();
        const revealing = new binhyenWarn.Revealing(rules.revealing);
        return texts.map(text => revealing.find(text).map(hint => [hint.kind, hint.found]));
    }
"""
SEAL = """
    async ({key, plain, place, reader}) => {
        await sodium.ready;
        const of = text => sodium.from_base64(text, sodium.base64_variants.ORIGINAL);
        const to = bytes => sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);
        return [
            to(binhyenSeal.record(of(key), of(plain), place)),
            to(binhyenSeal.wrapped(of(key), of(reader))),
            binhyenSeal.newId(),
        ];
    }
"""


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as opened:
        await opened.can_take_tips()
        yield opened


@pytest.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    page = await browser.new_page()
    await page.goto(site.url + "/to-giac")
    yield page
    await page.close()


def said() -> list[str]:
    """Return what people write, in danger and near it, with and without marks."""
    texts: list[str] = []
    for name in ("danger_near", "danger_real", "danger_told", "questions"):
        rows = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
        texts.extend(row if isinstance(row, str) else row[-1] for row in rows)
    texts.extend(one.text for one in read_dangers().development)
    return [*texts, *(fold(text) for text in texts), *(text.upper() for text in texts[::5])]


async def test_the_page_finds_danger_where_the_server_does(page: Page, book: Book) -> None:
    answers = Answers(book)
    texts = said()
    rules = [answers.danger(text) for text in texts]
    expected = [rule.number if rule else "" for rule in rules]
    found: Sequence[str] = await page.evaluate(FIND_DANGER, texts)
    differing = [row for row in zip(texts, found, expected, strict=True) if row[1] != row[2]]
    assert differing == []
    assert sum(map(bool, expected)) > 100


async def test_the_page_finds_what_betrays_where_the_server_does(page: Page, book: Book) -> None:
    texts = [*(text for text, _ in BETRAYS), *TELLS_OF_OTHERS, *said()]
    expected = [[[hint.kind, hint.found] for hint in book.revealing.find(text)] for text in texts]
    found = await page.evaluate(FIND_HINTS, texts)
    differing = [row for row in zip(texts, found, expected, strict=True) if row[1] != row[2]]
    assert differing == []


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 5000])
async def test_a_record_of_the_page_is_one_of_the_vault(site: Site, page: Page, size: int) -> None:
    key, pair = site.vault.tips.new_key(), PrivateKey.generate()
    plain = bytes(range(256)) * (size // 256) + b"\xff" * (size % 256)
    at: Any = {"unit_id": "ấp-1", "tip_id": "0123456789ab", "kind": "report", "sequence": 258}
    place = {"unit": at["unit_id"], "tip": at["tip_id"], "kind": "report", "sequence": 258}
    given = {
        "key": base64.b64encode(key).decode(),
        "plain": base64.b64encode(plain).decode(),
        "place": place,
        "reader": base64.b64encode(bytes(pair.public_key)).decode(),
    }
    record, wrapped, made_id = await page.evaluate(SEAL, given)
    sealed = base64.b64decode(record)
    box = site.vault.tips
    assert box.open(key, sealed, **at) == plain
    assert box.padded_bytes(sealed) == len(sealed) - 41
    assert len(sealed) == len(box.seal(key, plain, **at))
    box.check_wrapped(base64.b64decode(wrapped))
    assert box.unwrap(base64.b64decode(wrapped), bytes(pair)) == key
    assert is_id(made_id)


# What browsers of 2012 cannot parse; in sodium.js there is such, and the form does without it.
MODERN = re.compile(r"=>|`|\?\.|\?\?|\b(?:const|let|class|async|await)\b|\.\.\.")


@pytest.mark.parametrize("name", ["seal.js", "warn.js", "tell.js", "tip.js"])
def test_our_own_scripts_are_read_by_old_phones(name: str) -> None:
    text = (OWN_FOLDER / name).read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert MODERN.findall(code) == []


async def test_a_busy_server_is_waited_for(site: Site, page: Page) -> None:
    told = iter([429, 200])

    async def sometimes(route: Route) -> None:
        if next(told) == 429:
            body = json.dumps({"error": "too_many", "wait_s": 0})
            await route.fulfill(status=429, body=body, content_type="application/json")
        else:
            await route.continue_()

    await page.route("**/to-giac/kin*", sometimes)
    await page.locator("input[name=category]").first.check()
    await page.locator("#what").fill("Có người lạ.")
    await page.get_by_role("button", name=re.compile("Xem lại|Look again")).click()
    await page.locator("#send").click()
    await expect(page.locator("#receipt")).to_be_visible()
    assert len(await site.reading.queue.metadata(await site.home(), by="test")) == 1
