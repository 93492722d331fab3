"""What may go out with an announcement: kept once, refused in words."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import NotFound
from bot.core.ids import AttachmentId, ChannelId
from bot.core.messages import AttachmentKind
from bot.services.announcements.attachments import UPLOAD_MOST_BYTES, Attachments
from bot.services.announcements.file_kinds import FileRefused
from bot.vault.cleaning import PictureCleaner
from tests.builders.town import Town
from tests.one_book import the_book
from tests.pictures import CAMERA, photograph

ROOT = Path(__file__).resolve().parents[2]
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def attachments(town: Town) -> Attachments:
    return Attachments(storage=town.storage, cleaning=PictureCleaner(), clock=town.clock)


async def test_the_same_picture_is_kept_once_and_clean(
    town: Town, attachments: Attachments
) -> None:
    first = await attachments.keep("IMG_1.jpg", photograph())
    second = await attachments.keep("copy of IMG_1.jpg", photograph())
    assert (first, first.kind) == (second, AttachmentKind.PICTURE)
    assert CAMERA.encode() not in await attachments.body(first.id)
    assert CAMERA.encode() not in town.on_disk()


async def test_the_same_file_by_another_name_is_another(attachments: Attachments) -> None:
    one = await attachments.keep("lịch.pdf", PDF)
    other = await attachments.keep("lịch mới.pdf", PDF)
    assert (one.id == other.id, other.name) == (False, "lịch-mới.pdf")
    assert await attachments.described(one.id) == one


async def test_a_picture_goes_as_one_even_if_it_is_called_a_file(
    attachments: Attachments,
) -> None:
    assert (await attachments.keep("x.pdf", photograph())).media_type == "image/jpeg"
    with pytest.raises(FileRefused, match="file_kind_unknown"):
        await attachments.keep_file("x.jpg", photograph())


async def test_what_is_larger_than_a_photograph_is_not_even_tried(
    attachments: Attachments,
) -> None:
    with pytest.raises(FileRefused, match="file_too_large"):
        await attachments.keep_picture(bytes(UPLOAD_MOST_BYTES + 1))


async def test_what_goes_with_nothing_is_forgotten(town: Town, attachments: Attachments) -> None:
    used = await attachments.keep("a.pdf", PDF)
    unused = await attachments.keep("b.pdf", PDF)
    await town.announced(attachment_id=used.id)
    town.clock.advance(timedelta(days=3))
    again = await attachments.keep("c.pdf", PDF)
    async with town.storage.begin() as work:
        web = ChannelId("web")
        await work.attachments.note_upload(web, unused.id, "token", until=town.clock.now())
        forgotten = await work.attachments.forget_unused_before(
            town.clock.now() - timedelta(days=2)
        )
        await work.commit()
    assert forgotten == 1
    assert await attachments.body(used.id) == await attachments.body(again.id) == PDF
    with pytest.raises(NotFound):
        await attachments.body(unused.id)


async def test_what_is_not_there_is_not_found(attachments: Attachments) -> None:
    for asked in (attachments.body, attachments.described):
        with pytest.raises(NotFound):
            await asked(AttachmentId("nowhere"))


def test_every_refusal_has_its_sentence() -> None:
    tree = ast.parse(
        (ROOT / "bot/services/announcements/file_kinds.py").read_text(encoding="utf-8")
    )
    keys = {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "FileRefused"
        and isinstance(node.args[0], ast.Constant)
    }
    keys |= {"picture_unreadable", "picture_too_large"}
    refusals = the_book().sections["refusals"]
    words = (ROOT / "console/templates/words.html").read_text(encoding="utf-8")
    assert len(keys) >= 7
    assert sorted(keys - set(refusals)) == []
    assert sorted(keys - set(re.findall(r'"(\w+)": "', words))) == []
