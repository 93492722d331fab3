"""What everybody may read: the newest text, under every address it ever had, or nothing."""

from datetime import timedelta

import pytest

from bot.core.announcements import Announcement
from bot.core.errors import NotFound
from bot.core.ids import AttachmentId
from bot.services.announcements.amendments import Correction
from bot.services.announcements.published import Published, TakenBack
from tests.announcement_builder import made_published
from tests.builders.town import Town
from tests.one_book import the_book

NEW = Correction(title="Họp tổ", text="Họp lúc 20 giờ.")


@pytest.fixture
def published(town: Town) -> Published:
    return made_published(the_book(), town.storage)


async def shown(published: Published) -> list[str]:
    return [notice.announcement.id for notice in await published.newest()]


async def corrected(town: Town, one: Announcement, text: str = NEW.text) -> Announcement:
    town.clock.advance(timedelta(minutes=5))
    what = Correction(title=NEW.title, text=text)
    return await town.amendments.correct(one.id, what, by=None)


async def test_it_shows_what_was_started_and_not_stopped(town: Town, published: Published) -> None:
    one = await town.announced()
    await town.announced(is_public=False)
    await town.announced(due_at=town.clock.now() + timedelta(hours=1))
    gone = await town.announced()
    await town.announcements.cancel(gone.id, by=None)
    assert await shown(published) == [one.id]
    notice = await published.by_slug(one.slug)
    assert (notice.unit, notice.corrected_at, notice.attachment) == (town.hamlet, None, None)
    with pytest.raises(NotFound):
        await published.by_slug(gone.slug)
    with pytest.raises(NotFound):
        await published.by_slug("nowhere")


async def test_of_what_was_corrected_every_address_leads_to_the_newest(
    town: Town, published: Published
) -> None:
    one = await town.announced()
    first_at = town.clock.now()
    second = await corrected(town, await corrected(town, one), "Họp lúc 21 giờ.")
    assert await shown(published) == [second.id]
    notice = await published.by_slug(one.slug)
    assert notice.announcement.id == second.id
    assert (notice.published_at, notice.corrected_at) == (first_at, town.clock.now())


async def test_what_was_taken_back_is_gone_under_every_address(
    town: Town, published: Published
) -> None:
    one = await town.announced()
    second = await corrected(town, one)
    recall = await town.amendments.recall(second.id, by=None)
    assert await shown(published) == []
    for slug in (one.slug, second.slug, recall.slug):
        with pytest.raises(TakenBack):
            await published.by_slug(slug)


async def test_a_correction_stopped_half_way_does_not_bring_the_wrong_text_back(
    town: Town, published: Published
) -> None:
    await town.member("web", "a")
    one = await town.announced()
    second = await corrected(town, one)
    await town.announcements.cancel(second.id, by=None)
    assert await shown(published) == []
    # The first was stopped when it was corrected, and nothing stands in its place.
    with pytest.raises(TakenBack):
        await published.by_slug(one.slug)


async def test_what_is_not_public_stays_so_when_it_is_corrected(
    town: Town, published: Published
) -> None:
    second = await corrected(town, await town.announced(is_public=False))
    assert await shown(published) == []
    with pytest.raises(NotFound):
        await published.by_slug(second.slug)


async def test_an_attachment_nobody_published_is_not_given_out(
    town: Town, published: Published
) -> None:
    one = await town.announced()
    with pytest.raises(NotFound):
        await published.attachment(one.slug, AttachmentId("secret"))
