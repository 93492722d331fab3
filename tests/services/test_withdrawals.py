"""Who withdraws on the platform is forgotten whole, and the chain tells that it happened."""

from dataclasses import replace

from bot.core.errors import NotFound
from bot.core.messages import Contact, IncomingKind
from bot.core.slips import Slip, SlipKind
from bot.services.conversations.introductions import is_introduced, note_introduced
from bot.services.conversations.stand_backs import StandBacks, has_human
from tests.builders.town import Town


async def test_everything_of_the_conversation_goes_and_nothing_is_answered(town: Town) -> None:
    await town.founded()
    talk = town.talk("zalo", "chat-4711")
    person = await town.member("zalo", talk.chat)
    key = town.envelopes.conversation(talk.channel_id, talk.chat)
    for word in ("/togiac", "~tip_start", "~tip_drugs"):
        await talk.says(word)
    contact = Contact(name="Lan Thử", phone="0900000000")
    filled = replace(talk.incoming("", IncomingKind.CONTACT), contact=contact)
    async with town.storage.begin() as work:
        await town.call_backs.heard(work, filled, key)
        await StandBacks(clock=town.clock).note(work, talk.channel_id, key, at=None)
        await note_introduced(work, key, now=town.clock.now())
        until = town.clock.now().replace(year=2027)
        shelf = Slip(kind=SlipKind.SHELF, key="picture-1", holder=key, until=until)
        await work.slips.put(shelf)
        await work.commit()

    assert await talk.says("", IncomingKind.WITHDREW) == []

    async with town.storage.read() as work:
        now = town.clock.now()
        assert await work.people.find(talk.channel_id, talk.chat) is None
        assert await work.dialogues.get(key) is None
        assert not await has_human(work, key, now=now)
        assert not await is_introduced(work, key, now=now)
        assert await work.slips.of_holder(SlipKind.SHELF, key, now=now) == []
    assert not await town.call_backs.waits(key)
    newest, *_ = await town.audit.newest()
    assert (newest.record.actor, newest.record.act) == ("resident", "person.delete")
    assert (newest.record.subject, newest.record.facts) == ("", {"asked": "platform"})
    assert talk.chat not in str(newest)
    assert person.id not in str(newest)


async def test_a_tip_already_sent_stays_for_nothing_ties_it_to_anybody(town: Town) -> None:
    await town.founded()
    reader = await town.moderator()
    talk = town.talk("zalo")
    for word in ("/togiac", "~tip_start", "~tip_drugs", "Có người lạ ở ngõ", *["/boqua"] * 4):
        await talk.says(word)
    await talk.taps("~tip_send")
    await talk.says("", IncomingKind.WITHDREW)
    assert len(await town.reading.queue.tips(reader.officer)) == 1


async def test_who_withdrew_may_come_again_as_somebody_new(town: Town) -> None:
    talk = town.talk("zalo")
    person = await town.member("zalo", talk.chat)
    await talk.says("", IncomingKind.WITHDREW)
    again = await town.member("zalo", talk.chat)
    assert again.id != person.id
    async with town.storage.read() as work:
        try:
            await work.people.get(person.id)
        except NotFound:
            return
    raise AssertionError("the old row is still there")


async def test_unfollowing_and_following_again_finds_the_person_again(town: Town) -> None:
    talk = town.talk("zalo")
    person = await town.member("zalo", talk.chat)
    await talk.says("", IncomingKind.STOPPED)
    async with town.storage.read() as work:
        assert not (await work.people.get(person.id)).is_reachable
    assert await talk.says("", IncomingKind.START) != []
    async with town.storage.read() as work:
        assert (await work.people.get(person.id)).is_reachable
