"""Questions without an answer in the console: one click to an example, a new answer, or away."""

from datetime import date
from http import HTTPStatus

from bot.core.officers import Role
from tests.console.rig import Rig
from tests.console.typed import fields_of

PAGE = "/console/cau-tra-loi/chua-hieu"
ASKED = "bao giờ có tiền trợ cấp … cao tuổi"


async def test_a_question_becomes_an_example_a_new_answer_or_nothing(rig: Rig) -> None:
    await rig.officer("lan", Role.ANNOUNCER)
    async with rig.storage.begin() as work:
        await work.unknown_questions.add({ASKED: 7}, date(2026, 11, 21))
        await work.commit()
    async with rig.signed_in("lan") as browser:
        listed = await browser.get(PAGE)
        assert ASKED in listed.text
        assert "7 lần" in listed.text
        picked = {"cau": ASKED, "muc": "online_public_services/main"}
        example = await browser.send(PAGE, {**picked, "viec": "mau"})
        form = await browser.get(example.location)
        typed = dict(fields_of(form.html))
        assert typed["examples_vi"].endswith("\nbao giờ có tiền trợ cấp cao tuổi")
        new = await browser.send(PAGE, {**picked, "viec": "moi"})
        form = await browser.get(new.location)
        assert dict(fields_of(form.html))["examples_vi"] == "bao giờ có tiền trợ cấp cao tuổi"
        wrong = await browser.send(PAGE, {**picked, "muc": "nothing/main", "viec": "mau"})
        assert wrong.status == HTTPStatus.NOT_FOUND
        gone = await browser.send(PAGE, {**picked, "viec": "bo"})
        assert gone.location == PAGE
        assert ASKED not in (await browser.get(PAGE)).text
        again = await browser.send(PAGE, {**picked, "viec": "bo"})
        assert again.status == HTTPStatus.NOT_FOUND
