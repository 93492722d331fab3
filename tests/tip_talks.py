"""A tip whose sender wants to be asked back, and what officers ask, for tests of dialogues."""

from dataclasses import replace

from bot.core.languages import Language
from bot.core.messages import Address, Outgoing
from bot.core.tips import Report, Tip, TipCategory
from bot.services.tips.reading.access import Reader
from bot.services.tips.receiving.routes import ReplyTo
from bot.services.tips.talk import Letter, Said
from tests.builders.talk import Talk
from tests.builders.town import Town

REPORT = Report(category=TipCategory.DRUGS, what="Nhà cuối ngõ có người lạ ra vào ban đêm.")
QUESTION = "Bà con cho biết thêm: việc ấy thường vào giờ nào?"
ANSWER = "Dạ khoảng mười một giờ đêm ạ."


async def sent(town: Town, talk: Talk, *, wants_answer: bool = True) -> str:
    """Send a tip from a conversation; return its receipt."""
    address = Address(channel_id=talk.channel_id, chat=talk.chat)
    reply_to = ReplyTo(address=address, language=Language.VI) if wants_answer else None
    submission = await town.receiving.intake.submit(REPORT, town.hamlet, reply_to=reply_to)
    async with town.storage.begin() as work:
        await submission.effect(work)
        await work.commit()
    return submission.receipt.text


async def tips(town: Town) -> list[Tip]:
    """Return all tips there are."""
    return list(await town.reading.queue.metadata(town.commune, by="test"))


async def changed(town: Town, *, is_held: bool = False, is_handed: bool = False) -> None:
    """Let the one tip there is be held, or its receipt be one that an officer handed over."""
    (tip,) = await tips(town)
    async with town.storage.begin() as work:
        await work.tips.save(replace(tip, is_held=is_held, is_handed=is_handed))
        await work.commit()


async def asked(town: Town, tip: Tip, reader: Reader, text: str = QUESTION) -> list[Outgoing]:
    """Let officers ask something; return what reaches the chat."""
    await town.reading.talks.say(tip.id, reader, Letter(text=text))
    await town.receiving.routes.deliver()
    return await town.outbox()


async def said(town: Town, tip: Tip, reader: Reader) -> list[Said]:
    """Return the dialogue as officers see it."""
    await town.reading.talks.collect(reader)
    return list((await town.reading.desk.open(tip.id, reader)).said)
