"""Numbers about tips for the report: told where they point at nobody."""

from http import HTTPStatus

from bot.core.officers import Role
from tests.console.rig import Rig

PATH = "/console/tin-bao/so-lieu"


async def test_the_table_tells_many_and_hides_few(rig: Rig) -> None:
    await rig.officer("lan", Role.MODERATOR)
    for number in range(6):
        await rig.tip(f"chuyện thứ {number}")
    async with rig.signed_in("lan") as browser:
        page = await browser.get(PATH)
        assert page.status == HTTPStatus.OK
        assert "Lừa đảo" in page.text
        assert " 6 " in page.text
        table = await browser.get("/console/tin-bao/so-lieu/csv")
    assert "scam,6,0,0,0,0,0,6" in table.html


async def test_a_small_number_is_not_told_anywhere(rig: Rig) -> None:
    await rig.officer("lan", Role.MODERATOR)
    for number in range(3):
        await rig.tip(f"chuyện thứ {number}")
    async with rig.signed_in("lan") as browser:
        table = await browser.get("/console/tin-bao/so-lieu/csv")
        page = await browser.get(PATH)
    assert "3" not in table.html
    assert "không nêu" in page.text


async def test_an_earlier_half_year_is_asked_for_by_name(rig: Rig) -> None:
    await rig.officer("lan", Role.MODERATOR)
    for _ in range(6):
        await rig.tip("chuyện")
    async with rig.signed_in("lan") as browser:
        now = await browser.get("/console/tin-bao/so-lieu/csv")
        earlier = await browser.get(f"{PATH}/csv?ky=2025-1")
        unknown = await browser.get(f"{PATH}/csv?ky=../../etc")
    assert "scam,6" in now.html
    assert "scam,0" in earlier.html
    assert unknown.html == now.html


async def test_who_reads_no_tips_gets_no_numbers(rig: Rig) -> None:
    await rig.officer("lan", Role.ANNOUNCER)
    async with rig.signed_in("lan") as browser:
        assert (await browser.get(PATH)).status == HTTPStatus.FORBIDDEN
