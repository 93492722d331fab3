"""An officer names a chat for notices by typing the code of the console."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.ids import ChannelId
from bot.core.officers import Role
from bot.services.officers.accounts import NewOfficer
from tests.builders.opening import open_town
from tests.builders.town import PASSWORD, Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened


async def test_the_code_of_the_console_makes_the_chat_one_for_notices(town: Town) -> None:
    officer = await town.officers.add(
        NewOfficer(
            login="an",
            name="Cán Bộ Bịa",
            password=PASSWORD,
            unit_id=town.commune.id,
            roles=frozenset({Role.ADMIN}),
        ),
        by="test",
    )
    code = await town.notices.make_code(officer)
    talk = town.talk("telegram", "officer-chat")
    (linked,) = await talk.says(f"/lienket {code}")
    assert linked.text.startswith("Từ nay anh/chị nhận thông báo")
    (again,) = await talk.says(f"/lienket {code}")
    assert again.text.startswith("Mã này không đúng")
    await town.channels.mark(ChannelId("zalo"), trouble="Zalo không còn nhận kết nối.")
    (told,) = await town.outbox()
    assert "Zalo không còn nhận kết nối." in told.text


@pytest.mark.parametrize("word", ["/lienket ABCD2345", "/lienket 1"])
async def test_who_is_no_officer_learns_nothing(town: Town, word: str) -> None:
    (answer,) = await town.talk().says(word)
    assert answer.text.startswith("Mã này không đúng")
