"""A tip about officers, told in the chat: to the inspectorate alone, or not at all."""

from tests.builders.talk import Talk
from tests.builders.town import Town
from tests.services.test_tips_about_officers import inspectorate

WHAT = "Có người đòi tiền bà con khi làm giấy tờ"


async def chosen(town: Town) -> tuple[Talk, str]:
    """Come to the category, say that it is about officers; return what is said to that."""
    talk = town.talk("zalo")
    for line in ("/togiac", "1"):
        await talk.says(line)
    told, asked = await talk.taps("~tip_about")
    assert asked.text.startswith("Việc bà con muốn báo thuộc loại nào?")
    return talk, told.text


async def test_it_goes_to_the_inspectorate_alone(town: Town) -> None:
    await town.founded()
    unit = await inspectorate(town)
    own = await town.moderator("canbo")
    theirs = await town.moderator("thanhtra", unit=unit)
    talk, told = await chosen(town)
    assert told.startswith("Tin về cán bộ, công an chỉ đến đơn vị thanh tra")
    for line in ("1", WHAT, *["/boqua"] * 4, "~tip_send"):
        await (talk.taps(line) if line.startswith("~") else talk.says(line))
    assert await town.reading.queue.tips(own.officer) == []
    assert len(await town.reading.queue.tips(theirs.officer)) == 1


async def test_where_no_inspectorate_is_named_it_is_said_before_anything_is_written(
    town: Town,
) -> None:
    await town.founded()
    talk, told = await chosen(town)
    assert "Viện kiểm sát" in told
    assert (await talk.step()).gathered == {}
