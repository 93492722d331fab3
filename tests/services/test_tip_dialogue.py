"""A sender nobody knows and the officers talk with each other, by receipt and in the chat."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.deliveries import Lane
from bot.core.errors import NotFound, RuleBroken
from bot.core.languages import Language
from bot.core.messages import Address, Outgoing
from bot.core.sealing import SealBroken
from bot.core.tips import RecordKind, Report, Tip, TipCategory
from bot.core.turns import Effect
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.routes import OpenTalk, ReplyTo
from bot.services.tips.receiving.talks import Followed
from bot.services.tips.talk import Letter
from tests.builders.town import Town
from tests.tip_builder import ROUTE_DAYS, reading_of

REPORT = Report(category=TipCategory.DRUGS, what="Nhà cuối ngõ có người lạ ra vào ban đêm.")
CHAT = "sender-7421"
QUESTION = "Bà con cho biết thêm: việc ấy thường vào giờ nào?"
ANSWER = Letter(text="Dạ khoảng 11 giờ đêm ạ.", pictures=(b"a clean picture",))


async def done(town: Town, effect: Effect) -> None:
    async with town.storage.begin() as work:
        await effect(work)
        await work.commit()


async def sent(town: Town, *, wants_answer: bool = True, chat: str = CHAT) -> str:
    """Send a tip; return its receipt."""
    address = Address(channel_id=town.channels.all()[0].id, chat=chat)
    reply_to = ReplyTo(address=address, language=Language.VI) if wants_answer else None
    submission = await town.receiving.intake.submit(REPORT, town.hamlet, reply_to=reply_to)
    await done(town, submission.effect)
    return submission.receipt.text


async def the_tip(town: Town) -> Tip:
    (tip,) = await town.reading.queue.metadata(town.commune, by="test")
    return tip


async def followed(town: Town, receipt: str) -> Followed:
    found = await town.receiving.talks.follow(receipt)
    assert found is not None
    return found


async def talks_of(town: Town, chat: str = CHAT) -> list[OpenTalk]:
    conversation = town.envelopes.conversation(town.channels.all()[0].id, chat)
    return await town.receiving.routes.talks(conversation)


async def replies(town: Town, chat: str = CHAT) -> list[Outgoing]:
    """Return what waits to be sent to the chat."""
    conversation = town.envelopes.conversation(town.channels.all()[0].id, chat)
    async with town.storage.begin() as work:
        now = town.clock.now()
        waiting = await work.deliveries.claim(
            town.channels.all()[0].id,
            list(Lane),
            50,
            owner="test",
            now=now,
            lease_until=now + timedelta(minutes=1),
        )
    return [
        town.envelopes.open_reply(conversation, one.sealed)[1]
        for one in waiting
        if one.sealed is not None and one.conversation == conversation
    ]


@pytest.fixture
async def reader(town: Town) -> Reader:
    await town.founded()
    return await town.moderator(unit=town.hamlet)


async def test_by_receipt_each_side_reads_what_the_other_says(town: Town, reader: Reader) -> None:
    receipt = await sent(town, wants_answer=False)
    tip = await the_tip(town)
    await town.reading.talks.say(tip.id, reader, Letter(text=f" {QUESTION} "))
    found = await followed(town, receipt)
    assert [(said.by_officers, said.text) for said in found.said] == [(True, QUESTION)]
    await done(town, town.receiving.talks.add(found, ANSWER))
    await done(town, town.receiving.talks.add(found, Letter(text="sai giờ"), is_correction=True))
    assert (await the_tip(town)).has_news
    opened = await town.reading.desk.open(tip.id, reader)
    assert [said.text for said in opened.said] == [QUESTION, ANSWER.text, "sai giờ"]
    assert opened.said[1].pictures == ANSWER.pictures
    assert [said.is_correction for said in opened.said] == [False, False, True]
    assert not (await the_tip(town)).has_news
    again = await followed(town, receipt)
    assert [said.by_officers for said in again.said] == [True, False, False]


async def test_when_an_answer_may_go_does_not_tell_the_second_it_was_written(
    town: Town, reader: Reader
) -> None:
    reading = reading_of(
        town.storage,
        town.vault,
        audit=town.audit,
        clock=town.clock,
        chance=town.chance,
        delay_max_s=600,
    )
    await sent(town)
    town.clock.advance(41.25)
    await reading.talks.say((await the_tip(town)).id, reader, Letter(text=QUESTION))
    async with town.storage.read() as work:
        at = await work.routes.next_post_at()
    assert at is not None
    assert (at.second, at.microsecond) == (0, 0)
    assert at <= town.clock.now() + timedelta(seconds=600)


async def test_what_is_on_its_way_shows_at_most_five_sizes(town: Town, reader: Reader) -> None:
    await sent(town)
    tip, (talk,) = await the_tip(town), await talks_of(town)
    for length in (1, 200, 500, 900, 1_300, 2_000, 2_700, 3_300, 4_000):
        for sign in ("a", "ề", '"', "🔥"):
            letter = Letter(text=sign * length)
            await town.reading.talks.say(tip.id, reader, letter)
            await done(town, town.receiving.routes.answer(talk, letter))
    async with town.storage.begin() as work:
        posts = {len(one.sealed) for one in await work.routes.due_posts(town.clock.now(), 100)}
        letters = {len(one.sealed) for one in await work.routes.letters([town.hamlet.id], 100)}
    assert len(posts) == len(letters) == 5
    await town.receiving.routes.deliver()
    assert await replies(town)


async def test_a_receipt_opens_the_dialogue_and_nothing_else(town: Town, reader: Reader) -> None:
    receipt = await sent(town)
    tip = await the_tip(town)
    await town.reading.talks.say(tip.id, reader, Letter(text=QUESTION))
    found = await followed(town, receipt)
    async with town.storage.read() as work:
        records = await work.tips.records(tip.id)
    key = town.vault.talks.message_key(found.private_key)
    for record in records:
        for tried in (found.private_key, key):
            if record.kind is RecordKind.MESSAGE_OUT and tried == key:
                continue
            with pytest.raises(SealBroken):
                town.vault.tips.open(
                    tried,
                    record.sealed,
                    unit_id=tip.unit_id,
                    tip_id=tip.id,
                    kind=record.kind,
                    sequence=record.sequence,
                )


async def test_an_answer_reaches_the_chat_and_comes_back_from_it(
    town: Town, reader: Reader
) -> None:
    receipt = await sent(town)
    tip = await the_tip(town)
    assert tip.has_route
    await town.reading.talks.say(tip.id, reader, Letter(text=QUESTION))
    await town.receiving.routes.deliver()
    (message,) = await replies(town)
    assert QUESTION in message.text
    assert message.choices[0].word == "/traloi 1"
    (talk,) = await talks_of(town)
    await done(town, town.receiving.routes.answer(talk, ANSWER))
    assert await town.reading.talks.collect(reader) == 1
    assert await town.reading.talks.collect(reader) == 0
    assert (await the_tip(town)).has_news
    opened = await town.reading.desk.open(tip.id, reader)
    assert [said.text for said in opened.said] == [QUESTION, ANSWER.text]
    assert opened.said[1].pictures == ANSWER.pictures
    # What was answered in the chat is found by receipt, too.
    assert [said.text for said in (await followed(town, receipt)).said] == [QUESTION, ANSWER.text]


async def test_a_message_is_put_into_the_chat_once(town: Town, reader: Reader) -> None:
    await sent(town)
    await town.reading.talks.say((await the_tip(town)).id, reader, Letter(text=QUESTION))
    assert await town.receiving.routes.deliver() is None
    assert await town.receiving.routes.deliver() is None
    assert len(await replies(town)) == 1


async def test_nothing_is_left_for_somebody_who_wants_no_answer(
    town: Town, reader: Reader
) -> None:
    await sent(town, wants_answer=False)
    assert await talks_of(town) == []
    await town.reading.talks.say((await the_tip(town)).id, reader, Letter(text=QUESTION))
    async with town.storage.read() as work:
        assert await work.routes.next_post_at() is None


async def test_two_tips_of_one_chat_are_kept_apart(town: Town, reader: Reader) -> None:
    await sent(town)
    first = await the_tip(town)
    await sent(town)
    second = next(
        tip
        for tip in await town.reading.queue.metadata(town.commune, by="test")
        if tip.id != first.id
    )
    await town.reading.talks.say(second.id, reader, Letter(text=QUESTION))
    await town.receiving.routes.deliver()
    (message,) = await replies(town)
    assert message.choices[0].word == "/traloi 2"
    talks = await talks_of(town)
    assert [talk.number for talk in talks] == [1, 2]
    await done(town, town.receiving.routes.answer(talks[1], ANSWER))
    assert await town.reading.talks.collect(reader) == 1
    assert (await town.reading.desk.open(first.id, reader)).said == ()
    assert len((await town.reading.desk.open(second.id, reader)).said) == 2


async def test_a_burnt_route_leads_nowhere_and_the_receipt_still_does(
    town: Town, reader: Reader
) -> None:
    receipt = await sent(town)
    tip = await the_tip(town)
    await town.reading.talks.say(tip.id, reader, Letter(text=QUESTION))
    (talk,) = await talks_of(town)
    await done(town, town.receiving.routes.burn(talk))
    await town.receiving.routes.deliver()
    assert await replies(town) == []
    assert await talks_of(town) == []
    await town.reading.talks.say(tip.id, reader, Letter(text=QUESTION))
    await town.receiving.routes.deliver()
    assert await replies(town) == []
    assert len((await followed(town, receipt)).said) == 2


async def test_after_its_time_no_copy_of_the_database_tells_where_an_answer_went(
    town: Town, reader: Reader
) -> None:
    await sent(town)
    async with town.storage.read() as work:
        tables_before = await talks_of(town)
    assert tables_before
    town.clock.advance(timedelta(days=7 + ROUTE_DAYS + 1).total_seconds())
    town.vault.weeks.destroy_before(town.clock.now().date() - timedelta(days=ROUTE_DAYS))
    # The rows are still there, as in a backup, and nobody can read them.
    assert await talks_of(town) == []
    async with town.storage.begin() as work:
        assert await work.routes.forget_before(town.clock.now().date()) == 1
        await work.commit()


async def test_a_message_keeps_the_route_alive(town: Town, reader: Reader) -> None:
    await sent(town)
    tip = await the_tip(town)
    for _ in range(3):
        town.clock.advance(timedelta(days=50).total_seconds())
        town.vault.weeks.destroy_before(town.clock.now().date() - timedelta(days=ROUTE_DAYS))
        await town.reading.talks.say(tip.id, reader, Letter(text=QUESTION))
        await town.receiving.routes.deliver()
        assert len(await talks_of(town)) == 1


async def test_a_letter_changed_on_its_way_is_not_taken_for_the_senders(
    town: Town, reader: Reader
) -> None:
    await sent(town)
    (talk,) = await talks_of(town)
    other = town.vault.talks.new_pair()
    forged = replace(talk, talk_public=other.public)
    await done(town, town.receiving.routes.answer(forged, ANSWER))
    assert await town.reading.talks.collect(reader) == 1
    assert (await town.reading.desk.open((await the_tip(town)).id, reader)).said == ()


async def test_a_withdrawn_tip_is_gone(town: Town, reader: Reader) -> None:
    receipt = await sent(town)
    tip = await the_tip(town)
    found = await followed(town, receipt)
    await done(town, town.receiving.talks.withdraw(found))
    await done(town, town.receiving.talks.withdraw(found))
    assert await town.receiving.talks.follow(receipt) is None
    with pytest.raises(NotFound):
        await town.reading.desk.open(tip.id, reader)
    with pytest.raises(NotFound):
        await done(town, town.receiving.talks.add(found, ANSWER))


async def test_a_tip_that_is_held_is_not_withdrawn(town: Town, reader: Reader) -> None:
    receipt = await sent(town)
    tip = await the_tip(town)
    async with town.storage.begin() as work:
        await work.tips.save(replace(tip, is_held=True))
        await work.commit()
    with pytest.raises(RuleBroken):
        await done(town, town.receiving.talks.withdraw(await followed(town, receipt)))
    assert (await followed(town, receipt)).has_talk


async def test_an_exchanged_receipt_opens_what_the_old_one_did(town: Town, reader: Reader) -> None:
    old = await sent(town)
    await town.reading.talks.say((await the_tip(town)).id, reader, Letter(text=QUESTION))
    fresh = await town.receiving.talks.draw()
    await done(town, await town.receiving.talks.exchange(await followed(town, old), fresh))
    assert await town.receiving.talks.follow(old) is None
    assert [said.text for said in (await followed(town, fresh)).said] == [QUESTION]


@pytest.mark.parametrize("text", ["", "   \n ", "x" * 4_001])
async def test_officers_say_something_and_not_too_much(
    town: Town, reader: Reader, text: str
) -> None:
    await sent(town)
    with pytest.raises(RuleBroken):
        await town.reading.talks.say((await the_tip(town)).id, reader, Letter(text=text))
