"""What recipients of an announcement read, word for word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.announcements import Amendment, Announcement
from bot.core.ids import AnnouncementId, UnitId
from bot.core.languages import Language
from bot.core.messages import Attachment, Choice, Outgoing
from bot.core.sending import MessageRefused
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.core.units import Unit
from bot.services.announcements import announcing
from bot.services.announcements.texts import Texts
from content.places import EmptyPlace
from content.sentences import Voice

WORDS: Final = (
    "prefix",
    "urgent_prefix",
    "correction_prefix",
    "correction",
    "recall",
    "footer_leave",
)


# What was read for one announcement serves its other copies for so long.
_KEPT_S: Final = 60.0
_KEPT_AT_MOST: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What recipients in some units read, all the same; None where nothing fills `lacks` there."""

    units: tuple[Unit, ...]
    message: Outgoing | None
    lacks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What letters of one announcement are written from, and those written so far."""

    announcement: Announcement
    units: Mapping[UnitId, Unit]
    attachment: Attachment | None
    earlier: Announcement | None
    until: float
    written: dict[UnitId, Outgoing]


class Letters:
    """Writes what recipients get: one message for each text that differs."""

    def __init__(self, *, storage: Storage, voice: Voice, texts: Texts, clock: Clock) -> None:
        self._storage = storage
        self._say = voice
        self._texts = texts
        self._clock = clock
        self._sources: dict[AnnouncementId, _Source] = {}

    async def letter(
        self, announcement_id: AnnouncementId, unit_id: UnitId | None = None
    ) -> Outgoing:
        """Return the message recipients in a unit get, by default its own. Raise `NotFound`."""
        source = await self._source(announcement_id)
        one = source.announcement
        is_one_for_all = unit_id not in source.units or not self._texts.differs(one.text)
        reader = one.unit_id if unit_id is None or is_one_for_all else unit_id
        if reader not in source.written:
            try:
                source.written[reader] = self._written(source, reader)
            except EmptyPlace as empty:
                code = source.units[reader].code
                raise MessageRefused(f"nothing fills {empty.place} in {code}") from empty
        return source.written[reader]

    async def readings(self, announcement_id: AnnouncementId) -> list[Reading]:
        """Return every text that recipients read, each with its units. Raise `NotFound`."""
        source = await self._source(announcement_id)
        one, units = source.announcement, source.units
        meant = announcing.meant(one.unit_id, one.audience, list(units.values()))
        return [
            self._reading(source, alike)
            for alike in self._texts.alike(one.text, meant or [units[one.unit_id]], units)
        ]

    def _reading(self, source: _Source, units: Sequence[Unit]) -> Reading:
        try:
            message = self._written(source, units[0].id)
        except EmptyPlace as empty:
            return Reading(units=tuple(units), message=None, lacks=empty.place)
        return Reading(units=tuple(units), message=message)

    async def _source(self, announcement_id: AnnouncementId) -> _Source:
        now = self._clock.monotonic()
        kept = self._sources.get(announcement_id)
        if kept is not None and kept.until > now:
            return kept
        attachment = earlier = None
        async with self._storage.read() as work:
            announcement = await work.announcements.get(announcement_id)
            units = {unit.id: unit for unit in await work.units.all()}
            if announcement.attachment_id is not None:
                attachment = await work.attachments.get(announcement.attachment_id)
            if announcement.amends is not None:
                earlier = await work.announcements.get(announcement.amends)
        source = _Source(
            announcement=announcement,
            units=units,
            attachment=attachment,
            earlier=earlier,
            until=now + _KEPT_S,
            written={},
        )
        # A draft may still change.
        if announcement.started_at is not None:
            if len(self._sources) >= _KEPT_AT_MOST:
                self._sources.pop(next(iter(self._sources)))
            self._sources[announcement_id] = source
        return source

    def _written(self, source: _Source, unit_id: UnitId) -> Outgoing:
        """Return the message as it is read in a unit.

        Raise `EmptyPlace` if nothing fills one of its places there any more.
        """
        announcement, units = source.announcement, source.units
        unit = units[announcement.unit_id]
        footer = self._say("footer_leave", Language.VI)
        if announcement.amendment is Amendment.RECALL:
            first = self._say("prefix", Language.VI, unit=unit.name)
            taken_back = self._say("recall", Language.VI, title=announcement.title)
            return Outgoing(text=f"{first}\n{taken_back}\n\n{footer}", is_recall=True)
        text = self._texts.filled(announcement.text, units[unit_id], units)
        body = f"{announcement.title}\n\n{text}\n\n{footer}"
        return Outgoing(
            text=f"{self._opening(announcement, unit, source.earlier)}\n{body}",
            attachment=source.attachment,
            choices=tuple(Choice(label=one.label, url=one.url) for one in announcement.links),
        )

    def _opening(
        self, announcement: Announcement, unit: Unit, earlier: Announcement | None
    ) -> str:
        if announcement.amendment is Amendment.CORRECTION:
            first = self._say("correction_prefix", Language.VI, unit=unit.name)
            title = (earlier or announcement).title
            return f"{first}\n{self._say('correction', Language.VI, title=title)}\n"
        key = "urgent_prefix" if announcement.is_urgent else "prefix"
        return self._say(key, Language.VI, unit=unit.name)
