"""What an announcement says in each unit, and what is found out while it is written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.announcements import Link
from bot.core.audience import Audience
from bot.core.errors import RuleBroken
from bot.core.ids import AnnouncementId
from bot.core.sending import MessageRefused
from bot.core.units import Unit
from bot.services.announcements.announcing import Wording
from bot.services.announcements.texts import TEXT_LONGEST
from tests.builders.town import Town

CALL = "Cần giúp, gọi {{ so_truc }}. ({{ ten_don_vi }})"


async def contacts(town: Town, unit: Unit, **values: str) -> None:
    async with town.storage.begin() as work:
        await work.units.save(replace(unit, contacts=values))
        await work.commit()


async def write(town: Town, text: str = CALL, **changes: object) -> str:
    asked: dict[str, object] = {"title": "Trực Tết", "text": text, **changes}
    wording = Wording(unit_id=town.commune.id, **asked)  # type: ignore[arg-type]  # any field
    return (await town.announcements.write(wording, by=None)).id


async def test_each_unit_reads_its_own_and_what_it_lacks_from_above(town: Town) -> None:
    await contacts(town, town.commune, duty_phone="0200 bịa")
    await contacts(town, town.hamlet, duty_phone="0201 bịa")
    await town.member("web", "a")
    await town.member("web", "b", town.elsewhere)
    one = await town.announced(CALL, unit_id=town.commune.id)
    own = await town.announcements.letter(one.id, town.hamlet.id)
    above = await town.announcements.letter(one.id, town.elsewhere.id)
    assert "gọi 0201 bịa. (Tổ 1 Bịa)" in own.text
    assert "gọi 0200 bịa. (Tổ 2 Bịa)" in above.text
    assert await town.announcements.letter(one.id, town.hamlet.id) is own


async def test_a_text_without_places_is_one_letter_for_all(town: Town) -> None:
    one = await town.announced(unit_id=town.commune.id)
    first = await town.announcements.letter(one.id, town.hamlet.id)
    assert await town.announcements.letter(one.id, town.elsewhere.id) is first
    assert await town.announcements.letter(one.id, None) is first


async def test_a_place_nobody_knows_is_found_while_writing(town: Town) -> None:
    with pytest.raises(RuleBroken, match="text_place_unknown") as caught:
        await write(town, "Gọi {{ so_la }}")
    assert caught.value.values["place"] == "so_la"
    assert "so_truc" in str(caught.value.values["known"])


async def test_units_in_which_nothing_fills_a_place_are_named_while_writing(town: Town) -> None:
    await contacts(town, town.hamlet, duty_phone="0201 bịa")
    with pytest.raises(RuleBroken, match="text_place_empty") as caught:
        await write(town)
    assert caught.value.values == {"place": "so_truc", "units": "Xã Bịa, Tổ 2 Bịa"}
    left_out = Audience(without_unit_ids=(town.elsewhere.id,))
    with pytest.raises(RuleBroken, match="text_place_empty"):
        await write(town, audience=left_out)
    assert await write(town, "{% if so_truc %}Gọi {{ so_truc }}.{% endif %} Họp.")


async def test_a_text_that_grows_too_long_in_one_unit_is_refused(town: Town) -> None:
    await contacts(town, town.commune, duty_phone="0" * 100)
    await write(town, "{{ so_truc }}" + "x" * 1_400)
    with pytest.raises(RuleBroken, match="text_wrong"):
        await write(town, "{{ so_truc }}" * 2 + "x" * (TEXT_LONGEST - 100))


async def test_what_cannot_be_understood_is_refused_with_its_line(town: Town) -> None:
    with pytest.raises(RuleBroken, match="text_unreadable") as caught:
        await write(town, "Mời bà con\nhọp {{ 1/0 }}")
    assert caught.value.values["line"] == 2


async def test_a_place_that_is_emptied_before_its_turn_fails_that_copy_alone(town: Town) -> None:
    await contacts(town, town.hamlet, duty_phone="0201 bịa")
    one = await town.announced("Gọi {{ so_truc }}")
    await contacts(town, town.hamlet)
    with pytest.raises(MessageRefused):
        await town.announcements.letter(one.id, town.hamlet.id)


@pytest.mark.parametrize(
    ("links", "key"),
    [
        ([("Xem", "javascript:alert(1)")], "link_wrong"),
        ([("Xem", "https://")], "link_wrong"),
        ([("Xem", "https://a@b.example/")], "link_wrong"),
        ([("Xem", "https://a.example/ b")], "link_wrong"),
        ([("", "https://a.example")], "link_label_wrong"),
        ([(" \u200b", "https://a.example")], "link_label_wrong"),
        ([("Xem", "https://a.example")] * 4, "links_many"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_links_lead_to_pages(town: Town, links: list[tuple[str, str]], key: str) -> None:
    chosen = tuple(Link(label=label, url=url) for label, url in links)
    with pytest.raises(RuleBroken, match=key):
        await write(town, "Xem.", links=chosen)


async def test_links_are_buttons_of_the_letter(town: Town) -> None:
    link = Link(label="Lịch trực", url="https://xa.example/lich?thang=2")
    one = await town.announced(links=(link,))
    (choice,) = (await town.announcements.letter(one.id)).choices
    assert (choice.label, choice.url) == (link.label, link.url)


async def test_units_that_read_the_same_are_told_together(town: Town) -> None:
    await contacts(town, town.commune, duty_phone="0200 bịa")
    await contacts(town, town.hamlet, duty_phone="0201 bịa")
    one = await write(town, "Gọi {{ so_truc }}.")
    same, own = await town.announcements.readings(AnnouncementId(one))
    assert {unit.id for unit in same.units} == {town.commune.id, town.elsewhere.id}
    assert [unit.id for unit in own.units] == [town.hamlet.id]
    assert own.message is not None
    assert "Gọi 0201 bịa." in own.message.text
    (all_,) = await town.announcements.readings(AnnouncementId(await write(town, "Họp.")))
    assert len(all_.units) == 3
    await contacts(town, town.commune)
    lacking, _ = await town.announcements.readings(AnnouncementId(one))
    assert (lacking.message, lacking.lacks) == (None, "so_truc")


async def test_an_hour_that_passed_is_asked_about_within_a_day(town: Town) -> None:
    for minutes in (0, 24 * 60 + 1):
        with pytest.raises(RuleBroken, match="grace_wrong"):
            await write(town, "Họp.", grace=timedelta(minutes=minutes))
    await write(town, "Họp.", grace=timedelta(minutes=24 * 60))


async def test_an_account_that_is_gone_narrows_nothing(town: Town) -> None:
    with pytest.raises(RuleBroken, match="channel_unknown"):
        await write(town, "Họp.", channels=("gone",))
