"""What officers say to a sender nobody knows, and taking in what the sender answers in a chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.ids import TipId, new_id
from bot.core.officers import Act
from bot.core.routes import PostId, RouteId, RouteLetter, RoutePost
from bot.core.sealing import SealBroken, WeekClosing
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.tips import RecordKind, Tip
from bot.services.audit import Audit
from bot.services.tips.posting import POST, ROUTE_KEY, Post, read_key, spelled_post
from bot.services.tips.reading.access import Access, Reader, TipChanged
from bot.services.tips.records import Records, seen_by, sight_of
from bot.services.tips.talk import LONGEST_MESSAGE, Letter, RouteNote, Talk, read_note

_LETTERS_AT_ONCE: Final = 200
# So many open tips of one unit are looked through for the letter box of a letter.
_MOST_ROUTED: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    """Both ends of a tip's dialogue, as its own ciphertext knows them."""

    tip: Tip
    private_key: bytes = field(repr=False)
    note: RouteNote | None = field(repr=False)


class OfficerTalks:
    """Use cases of the dialogue on the officers' side."""

    def __init__(
        self,
        *,
        storage: Storage,
        access: Access,
        records: Records,
        talk: Talk,
        weeks: WeekClosing,
        audit: Audit,
        clock: Clock,
        chance: Chance,
        delay_max_s: int,
    ) -> None:
        """`delay_max_s` is how long at most a message is kept from the sender's chat.

        Nobody who watches both ends can then match one to the other by the moment.
        """
        self._storage = storage
        self._access = access
        self._records = records
        self._talk = talk
        self._weeks = weeks
        self._audit = audit
        self._clock = clock
        self._chance = chance
        self._delay_max_s = delay_max_s

    async def say(
        self, tip_id: TipId, reader: Reader, letter: Letter, *, version: int | None = None
    ) -> None:
        """Say something to the sender, who finds it by receipt, and in the chat if wanted.

        Pictures are found by receipt only. Raise `NotFound`, `TipChanged` if the tip is no more
        at `version`, or `RuleBroken` for a tip without a dialogue, an empty or too long text.
        """
        text = letter.text.strip()
        if not text and not letter.pictures:
            raise RuleBroken("talk_empty")
        if len(text) > LONGEST_MESSAGE:
            raise RuleBroken("talk_too_long")
        now = self._clock.now()
        letter = replace(letter, text=text)
        async with self._storage.begin() as work:
            tip = await self._access.tip(work, tip_id, reader.officer)
            ends = await self._ends(work, tip, await self._access.key(work, tip, reader))
            if version is not None and version != tip.version:
                raise TipChanged
            if ends is None:
                raise RuleBroken("talk_none")
            first = await work.tips.next_sequence(tip_id)
            told = self._talk.told(
                tip, ends.private_key, letter, by_officers=True, first=first, at=now
            )
            for record in told:
                await work.tips.add_record(record)
            await work.tips.save(replace(tip, version=tip.version + 1))
            if ends.note is not None and text:
                await self._post(work, ends.note, text, now)
            await self._audit.note(work, "tip.reply", by=reader.officer.id, subject=tip_id)
            await work.commit()

    async def _post(self, work: Work, note: RouteNote, text: str, now: datetime) -> None:
        spelled = await work.settings.get(ROUTE_KEY)
        if spelled is None:
            return
        to = read_key(spelled)
        delay_s = self._chance.below(self._delay_max_s + 1) if self._delay_max_s else 0
        await work.routes.add_post(
            RoutePost(
                id=PostId(new_id(self._chance)),
                route_id=RouteId(note.route_id),
                week=to.week,
                sealed=self._weeks.seal(POST, spelled_post(Post(text=text)), to=to),
                # To the minute: a fraction of a second would be the very fraction in which the
                # audit chain says that this tip was answered.
                not_before=(now + timedelta(seconds=delay_s)).replace(second=0, microsecond=0),
            )
        )

    async def collect(self, reader: Reader) -> int:
        """Put letters that wait with the tips they answer; return how many.

        Only a key of the reader's tells which tip a letter box belongs to. A letter for a tip
        that is not sealed to this reader waits for somebody else.
        """
        if not reader.officer.may(Act.MODERATE):
            return 0
        async with self._storage.begin() as work:
            sight = await sight_of(work, reader.officer)
            units = sight.unit_ids | await work.tips.sealed_for(sight)
            letters = await work.routes.letters(units, _LETTERS_AT_ONCE)
            if not letters:
                return 0
            ends = await self._by_letter_box(work, reader)
            taken = [letter for letter in letters if letter.letter_box in ends]
            for letter in taken:
                await self._take(work, letter, ends, reader)
            await work.commit()
        return len(taken)

    async def _take(
        self, work: Work, letter: RouteLetter, ends: Mapping[str, _Ends], reader: Reader
    ) -> None:
        await work.routes.remove_letter(letter.id)
        to = ends[letter.letter_box]
        # Locked, and as it stands after the letter before this one.
        tip = await work.tips.get(to.tip.id)
        try:
            opened = self._talk.open_letter(to.private_key, letter.sealed)
        except SealBroken:
            # Changed in the database: not to be mistaken for something the sender said.
            await self._audit.note(work, "tip.letter_broken", by=reader.officer.id, subject=tip.id)
            return
        first = await work.tips.next_sequence(tip.id)
        told = self._talk.told(
            tip, to.private_key, opened, by_officers=False, first=first, at=letter.at
        )
        for record in told:
            await work.tips.add_record(record)
        await work.tips.save(replace(tip, has_news=True, version=tip.version + 1))
        await self._audit.note(work, "tip.letter", by=reader.officer.id, subject=tip.id)

    async def _by_letter_box(self, work: Work, reader: Reader) -> dict[str, _Ends]:
        units = await seen_by(work, reader.officer)
        found: dict[str, _Ends] = {}
        for tip in await work.tips.routed(units, limit=_MOST_ROUTED):
            try:
                key = await self._access.key(work, tip, reader)
                ends = await self._ends(work, tip, key)
            except (RuleBroken, SealBroken):
                # Not for this reader, or sealed by a browser that wrote nonsense: one such tip
                # must not keep the letters of all others.
                continue
            if ends is not None and ends.note is not None:
                found[ends.note.letter_box] = ends
        return found

    async def _ends(self, work: Work, tip: Tip, key: bytes) -> _Ends | None:
        kinds = (RecordKind.TALK, RecordKind.ROUTE)
        opened = {
            record.kind: self._records.opened(tip, key, record)
            for record in await work.tips.records(tip.id, kinds=kinds)
        }
        private_key = opened.get(RecordKind.TALK)
        if private_key is None:
            return None
        note = opened.get(RecordKind.ROUTE)
        return _Ends(tip=tip, private_key=private_key, note=read_note(note) if note else None)
