"""The form of an announcement: finer choices, places, links; a fault keeps what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import FormData

from bot.core.announcements import Announcement, Link
from bot.core.audience import Audience
from bot.core.officers import Role
from bot.core.units import Unit
from bot.services.announcements.announcing import Wording
from bot.services.channels.channels import WEB
from tests.console.browser import Browser, Seen
from tests.console.rig import TOPICS, Rig, open_rig

NEW = "/console/thong-bao/moi"
Fields = Sequence[tuple[str, str]]


@pytest.fixture
async def units(rig: Rig) -> list[Unit]:
    await rig.officer("lan.an", Role.ANNOUNCER)
    return [await rig.unit(f"to-{number}", f"Tổ {number}") for number in range(1, 5)]


async def written(browser: Browser, rig: Rig, *fields: tuple[str, str]) -> Seen:
    plain = [("title", "Họp tổ"), ("text", "Tối thứ Bảy."), ("unit", rig.commune.id)]
    named = {name for name, _ in fields}
    return await browser.send(NEW, [*(one for one in plain if one[0] not in named), *fields])


async def newest(rig: Rig) -> Announcement:
    async with rig.storage.read() as work:
        units = [unit.id for unit in await work.units.all()]
        return (await work.announcements.of_units(units))[0]


def ticked(page: Seen, name: str) -> list[str]:
    boxes = [found for tag, found in page.tags if tag == "input" and found.get("name") == name]
    return [box["value"] for box in boxes if "checked" in box]


async def test_finer_choices_are_kept_and_stand_in_the_form_again(
    rig: Rig, units: list[Unit]
) -> None:
    fields = [
        ("unit", units[0].id),
        ("more", units[1].id),
        ("more", units[2].id),
        ("without", units[3].id),
        ("channel", WEB),
        ("link-label", "Bản đồ"),
        ("link-url", "https://binhyen.example/ban-do?x=1"),
        ("link-label", ""),
        ("link-url", ""),
        ("when", "later"),
        ("due", "2026-11-23T06:30"),
        ("grace", "90"),
    ]
    async with rig.signed_in("lan.an") as browser:
        sent = await written(browser, rig, *fields)
        kept = await newest(rig)
        form = await browser.get(sent.location.removesuffix("/gui") + "/sua")
    assert kept.audience == Audience(
        more_unit_ids=(units[1].id, units[2].id), without_unit_ids=(units[3].id,)
    )
    assert kept.channels == (WEB,)
    assert kept.links == (Link(label="Bản đồ", url="https://binhyen.example/ban-do?x=1"),)
    assert kept.grace == timedelta(minutes=90)
    assert ticked(form, "more") == [units[1].id, units[2].id]
    assert ticked(form, "without") == [units[3].id]
    assert ticked(form, "channel") == [WEB]
    assert (form.value("link-label"), form.value("grace")) == ("Bản đồ", "90")


async def test_the_simple_case_asks_for_nothing_more(rig: Rig, units: list[Unit]) -> None:
    async with rig.signed_in("lan.an") as browser:
        form = await browser.get(NEW)
        assert not [found for tag, found in form.tags if tag == "details" and "open" in found]
        assert (await written(browser, rig)).status == 303
    kept = await newest(rig)
    assert (kept.audience, kept.channels, kept.links) == (Audience(), (), ())
    assert kept.grace == timedelta(minutes=30)


async def test_an_officer_of_one_neighbourhood_is_offered_no_other_unit(
    rig: Rig, units: list[Unit]
) -> None:
    await rig.officer("to.mot", Role.ANNOUNCER, unit=units[0])
    async with rig.signed_in("to.mot") as browser:
        form = await browser.get(NEW)
    assert "Trừ một số đơn vị" not in form.text
    # The accounts of the commune serve the neighbourhood too.
    assert WEB in form.attributes("input", "value")


async def test_places_are_told_and_filled(rig: Rig, units: list[Unit]) -> None:
    async with rig.signed_in("lan.an") as browser:
        form = await browser.get(NEW)
        assert "{{ so_truc }} Số điện thoại trực" in form.text
        sent = await written(browser, rig, ("text", "Gọi {{ ten_don_vi }}."))
        assert "Gọi Xã Minh Họa." in (await browser.get(sent.location)).text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    id: str
    fields: Fields
    field: str
    says: str


LINK = "https://binhyen.example/"
FAULTS = [
    Fault(id="mark", fields=[("text", "{{ so_truc")], field="text", says="Dòng 1 có dấu ngoặc"),
    Fault(id="place", fields=[("text", "{{ ten }}")], field="text", says="chỗ điền tên ten"),
    Fault(id="empty", fields=[("text", "{{ dia_chi }}")], field="text", says="điền vào dia_chi"),
    Fault(
        id="address",
        fields=[("link-label", "Xem"), ("link-url", "javascript:alert(1)")],
        field="link-url-1",
        says="phải bắt đầu bằng https://",
    ),
    Fault(
        id="label",
        fields=[("link-label", ""), ("link-url", LINK)],
        field="link-label-1",
        says="Chữ trên nút",
    ),
    Fault(
        id="four links",
        fields=[("link-label", "Xem"), ("link-url", LINK)] * 4,
        field="link-label-1",
        says="tối đa 3",
    ),
    Fault(id="grace", fields=[("grace", "nửa giờ")], field="grace", says="từ 1 đến 1.440"),
    Fault(id="long grace", fields=[("grace", "1" * 50)], field="grace", says="từ 1 đến 1.440"),
    Fault(id="channel", fields=[("channel", "gone")], field="channels", says="không còn dùng"),
    Fault(id="topic", fields=[("topic", "gone")], field="topics", says="chủ đề tên gone"),
    Fault(
        id="urgent topic",
        fields=[("topic", TOPICS[0][0]), ("urgent", "1")],
        field="topics",
        says="Thông báo khẩn gửi cho mọi người",
    ),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.id)
async def test_a_fault_stands_beside_its_field_and_all_is_kept(
    rig: Rig, units: list[Unit], case: Fault
) -> None:
    async with rig.signed_in("lan.an") as browser:
        refused = await written(browser, rig, ("more", units[0].id), *case.fields)
    assert (refused.status, case.says in refused.text) == (422, True)
    assert f"#{case.field}" in refused.attributes("a", "href")
    there = [found["id"] for _, found in refused.tags if "id" in found]
    assert case.field in there
    assert refused.value("title") == "Họp tổ"
    assert ticked(refused, "more") == [units[0].id]
    for name, typed in case.fields:
        assert typed in refused.html.replace("&#39;", "'"), name


async def test_nobody_left_is_a_fault_of_who_is_left_out(rig: Rig, units: list[Unit]) -> None:
    async with rig.signed_in("lan.an") as browser:
        refused = await written(browser, rig, ("unit", units[0].id), ("without", units[0].id))
    assert (refused.status, "Không còn đơn vị nào nhận" in refused.text) == (422, True)
    assert "#without" in refused.attributes("a", "href")


async def test_households_not_reached_before_can_be_chosen(rig: Rig, units: list[Unit]) -> None:
    announcements = rig.services.announcements
    earlier = []
    for title in ("Lần một", "Lần hai"):
        wording = Wording(unit_id=rig.commune.id, title=title, text="Họp.")
        one = await announcements.write(wording, by=None)
        await announcements.release(one.id, by=None)
        rig.clock.advance(timedelta(minutes=1))
        earlier.append(one)
    await announcements.write(Wording(unit_id=rig.commune.id, title="Nháp", text="."), by=None)
    rig.clock.advance(timedelta(minutes=1))
    async with rig.signed_in("lan.an") as browser:
        form = await browser.get(NEW)
        offered = form.attributes("option", "value")
        assert offered.index(earlier[1].id) < offered.index(earlier[0].id)
        assert "Nháp (" not in form.text
        sent = await written(browser, rig, ("missed", earlier[0].id))
        assert "Chỉ hộ chưa nhận được “ Lần một ”" in (await browser.get(sent.location)).text
    assert (await newest(rig)).audience.missed == earlier[0].id


async def test_every_unit_of_a_large_commune_can_be_ticked(rig: Rig, units: list[Unit]) -> None:
    many = [await rig.unit(f"thon-{number}", f"Thôn {number}") for number in range(120)]
    async with rig.signed_in("lan.an") as browser:
        form = aiohttp_form(
            await browser.get(NEW),
            [("title", "Họp"), ("text", "Họp."), ("unit", units[0].id)]
            + [("more", one.id) for one in many],
        )
        answer = await browser.session.post(
            rig.server.make_url(NEW), data=form, allow_redirects=False
        )
    assert answer.status == 303
    assert len((await newest(rig)).audience.more_unit_ids) == 120


def aiohttp_form(page: Seen, fields: Fields) -> FormData:
    """Return the form in parts, as a browser sends it."""
    form = FormData(quote_fields=False, default_to_multipart=True)
    for name, value in [("csrf", page.csrf), *fields]:
        form.add_field(name, value)
    return form


async def test_topics_are_offered_and_kept(rig: Rig, units: list[Unit]) -> None:
    key, label = TOPICS[0]
    async with rig.signed_in("lan.an") as browser:
        assert label in (await browser.get(NEW)).text
        sent = await written(browser, rig, ("topic", key))
        assert f"Chỉ người chọn nghe: {label}" in (await browser.get(sent.location)).text
    assert (await newest(rig)).audience.topics == (key,)


async def test_where_there_are_no_topics_none_are_asked_for(tmp_path: Path) -> None:
    async with open_rig(tmp_path, topics=()) as rig:
        await rig.officer("lan.an", Role.ANNOUNCER)
        async with rig.signed_in("lan.an") as browser:
            assert "chủ đề" not in (await browser.get(NEW)).text
