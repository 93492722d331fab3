"""The public pages over HTTP."""

from xml.etree import ElementTree as ET

import pytest

from tests.web.site import OA_URL, Site

PAGES = ["/", "/tro-chuyen", "/tro-chuyen/xoa", "/to-giac", "/theo-doi", "/du-lieu"]
ROOT = {"a": "http://www.w3.org/2005/Atom"}


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_says_whom_to_call_and_forbids_foreign_scripts(site: Site, path: str) -> None:
    async with site.get(path) as answer:
        text = await answer.text()
    assert answer.status == 200
    assert '<a href="tel:113">113</a>' in text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Server"] == "binhyen"
    assert " style=" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("path", PAGES)
async def test_looking_at_a_page_leaves_no_cookie(site: Site, path: str) -> None:
    async with site.get(path) as answer:
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "path", "expected"),
    [
        ({}, "/", 'lang="vi"'),
        ({"Accept-Language": "en-US,en;q=0.9,vi;q=0.8"}, "/", 'lang="en"'),
        ({"Accept-Language": "vi,en;q=0.9"}, "/", 'lang="vi"'),
        ({"Accept-Language": "fr, de;q=x, ;;q=,,"}, "/", 'lang="vi"'),
        ({"Accept-Language": "vi"}, "/?lang=en", 'lang="en"'),
        ({}, "/?lang=tlh", 'lang="vi"'),
    ],
)
async def test_the_language_is_the_one_asked_for(
    site: Site, headers: dict[str, str], path: str, expected: str
) -> None:
    async with site.get(path, headers=headers) as answer:
        assert f"<html {expected}>" in await answer.text()


async def test_a_language_chosen_by_hand_stays_in_the_links(site: Site) -> None:
    async with site.get("/?lang=en") as answer:
        assert 'href="/to-giac?lang=en"' in await answer.text()


async def test_the_bulletin_shows_what_was_sent_publicly(site: Site) -> None:
    await site.publish("Cắt điện tối nay", is_urgent=True)
    await site.publish("Việc nội bộ", is_public=False)
    async with site.get("/") as answer:
        text = await answer.text()
    assert "Cắt điện tối nay" in text
    assert "state--danger" in text
    assert "Việc nội bộ" not in text


async def test_an_announcement_is_shown_as_text_and_never_as_markup(site: Site) -> None:
    one = await site.publish("<b>Lạ</b>", "Gọi 113 <script>alert(1)</script>")
    async with site.get(f"/thong-bao/{one.slug}") as answer:
        text = await answer.text()
    assert "<b>Lạ</b>" not in text
    assert "<script>alert" not in text
    assert 'Gọi <a href="tel:113">113</a>' in text


@pytest.mark.parametrize("number", ["0000 113 113", "1134", "0.113.5", "113-114"])
async def test_a_part_of_a_longer_number_is_no_emergency_line(site: Site, number: str) -> None:
    one = await site.publish("Số lạ", f"Số {number} nhé")
    async with site.get(f"/thong-bao/{one.slug}") as answer:
        assert f"Số {number} nhé" in await answer.text()


@pytest.mark.parametrize("path", ["/thong-bao/khong-co", "/khong-co", "/static/../server.py"])
async def test_what_is_not_there_is_said_in_words(site: Site, path: str) -> None:
    async with site.get(path) as answer:
        assert answer.status == 404
        assert "Không có trang này" in await answer.text()


async def test_an_announcement_that_is_not_public_has_no_page(site: Site) -> None:
    one = await site.publish("Việc nội bộ", is_public=False)
    async with site.get(f"/thong-bao/{one.slug}") as answer:
        assert answer.status == 404


async def test_the_feed_is_rss_that_a_reader_understands(site: Site) -> None:
    one = await site.publish('Tin & "tin" <1>', "Dòng một.\n]]> Dòng hai.")
    async with site.get("/feed.xml") as answer:
        body = await answer.read()
    assert answer.content_type == "application/rss+xml"
    root = ET.fromstring(body)  # noqa: S314 - our own
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    item = root.find("channel/item")
    assert item is not None
    assert item.findtext("title") == 'Tin & "tin" <1>'
    assert item.findtext("description") == "Dòng một.\n]]> Dòng hai."
    assert item.findtext("link") == f"http://binhyen.test/thong-bao/{one.slug}"
    assert item.findtext("guid") == item.findtext("link")
    assert item.findtext("pubDate") == "Sun, 22 Nov 2026 12:00:00 +0000"
    self_link = root.find("channel/a:link", ROOT)
    assert self_link is not None
    assert self_link.get("href") == "http://binhyen.test/feed.xml"
    for name in ("title", "link", "description"):
        assert root.findtext(f"channel/{name}")


async def test_the_join_page_has_a_way_in_for_each_channel(site: Site) -> None:
    code = (await site.neighbourhood()).join_code
    async with site.get(f"/tham-gia/{code.lower()}") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "Thôn Một" in text
    assert f'href="https://t.me/binhyen_thu_bot?start=join_{code}"' in text
    assert f'href="{OA_URL}"' in text
    assert f"THAMGIA {code}" in text
    assert f'href="/tro-chuyen?ma={code}"' in text
    assert "<svg" in text


@pytest.mark.parametrize("code", ["KHONGCO", "..%2f..", "%00", "x" * 500, "<script>"])
async def test_an_unknown_join_code_gets_a_kind_word(site: Site, code: str) -> None:
    async with site.get(f"/tham-gia/{code}") as answer:
        assert answer.status == 404
        assert "<script>" not in await answer.text()


async def test_files_named_by_their_content_may_be_kept_for_a_year(site: Site) -> None:
    async with site.get("/") as answer:
        text = await answer.text()
    address = next(part for part in text.split('"') if part.startswith("/static/binhyen.css"))
    async with site.get(address) as named:
        assert "immutable" in named.headers["Cache-Control"]
        assert named.content_type == "text/css"
    async with site.get("/static/binhyen.css?v=old") as other:
        assert "immutable" not in other.headers["Cache-Control"]


async def test_the_domain_is_verified_for_the_code_in_the_settings_only(site: Site) -> None:
    async with site.get("/zalo_verifierAbC123.html") as answer:
        assert answer.status == 200
        assert "AbC123" in await answer.text()
    async with site.get("/zalo_verifierOther.html") as answer:
        assert answer.status == 404


async def test_robots_are_kept_away_from_private_pages(site: Site) -> None:
    async with site.get("/robots.txt") as answer:
        assert "Disallow: /to-giac" in await answer.text()


async def test_the_icon_is_found_where_browsers_look(site: Site) -> None:
    async with site.get("/favicon.ico") as answer:
        assert answer.status == 301
        where = answer.headers["Location"]
    async with site.get(where) as icon:
        assert icon.content_type == "image/svg+xml"
