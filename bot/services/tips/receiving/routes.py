"""Reply routes: how an answer finds its way into the chat of somebody whom nobody knows.

A route says which chat, sealed to the key of the week, and stands under a random number. Only the
tip's ciphertext knows the number. So officers can leave a post for it without learning where it
goes, and this side puts the post into the chat without learning of which tip it speaks. What the
sender answers there is sealed to the dialogue and laid into a letter box with a random number
again, which the reading side empties.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

import msgspec

from bot.core.ids import ConversationKey, UnitId, new_id
from bot.core.languages import Language
from bot.core.messages import Address, Choice, Outgoing
from bot.core.routes import (
    LetterId,
    RouteChat,
    RouteId,
    RouteLetter,
    RoutePost,
    SealedRoute,
)
from bot.core.sealing import KeyGone, SealBroken, WeekSealing
from bot.core.storage import Storage, Work
from bot.core.time import Chance, Clock
from bot.core.turns import Effect
from bot.services.envelopes import Envelopes
from bot.services.tips.posting import POST, ROUTE_KEY, Post, spelled_key
from bot.services.tips.records import coarse
from bot.services.tips.talk import Letter, RouteNote, Talk
from content.sentences import Voice

log = logging.getLogger(__name__)

_ROUTE: Final = "route"
_CHAT: Final = "chat"
_POSTS_AT_ONCE: Final = 50
_Noun = TypeVar("_Noun")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyTo:
    """The chat somebody wants to be answered in."""

    address: Address
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    address: Address
    language: Language
    number: int
    chat_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTalk:
    """One dialogue of a chat: `number` tells it from others there, counted from 1."""

    number: int
    route_id: str = field(repr=False)
    letter_box: str = field(repr=False)
    talk_public: bytes = field(repr=False)
    unit_id: UnitId
    chat_id: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDraft:
    """A route ready to be stored, and what the tip's ciphertext knows of it."""

    note: RouteNote
    effect: Effect


_ENCODER: Final = msgspec.json.Encoder()
_DECODE_ROUTE: Final = msgspec.json.Decoder(_Route)
_DECODE_TALK: Final = msgspec.json.Decoder(OpenTalk)
_DECODE_POST: Final = msgspec.json.Decoder(Post)


class ReplyRoutes:
    """Keeps routes, brings posts into chats, takes letters from there."""

    def __init__(
        self,
        *,
        storage: Storage,
        weeks: WeekSealing,
        talk: Talk,
        envelopes: Envelopes,
        voice: Voice,
        clock: Clock,
        chance: Chance,
        days: int,
    ) -> None:
        """`days` after the end of its week a key is destroyed, and a route is no more.

        `voice` says the sentences of section `tips`.
        """
        self._storage = storage
        self._weeks = weeks
        self._talk = talk
        self._envelopes = envelopes
        self._say = voice
        self._clock = clock
        self._chance = chance
        self._days = days

    def draft(
        self, reply_to: ReplyTo | None, *, unit_id: UnitId, talk_public: bytes
    ) -> RouteDraft | None:
        """Return a route to that chat, or None if nobody wants to be answered there."""
        if reply_to is None:
            return None
        route_id, chat_id = new_id(self._chance), new_id(self._chance)
        letter_box = new_id(self._chance) + new_id(self._chance)
        address = reply_to.address
        conversation = self._envelopes.conversation(address.channel_id, address.chat)

        async def store(work: Work) -> None:
            others = [talk.number for talk in await self._talks(work, conversation)]
            route = _Route(
                address=address,
                language=reply_to.language,
                number=max(others, default=0) + 1,
                chat_id=chat_id,
            )
            open_talk = OpenTalk(
                number=route.number,
                route_id=route_id,
                letter_box=letter_box,
                talk_public=talk_public,
                unit_id=unit_id,
            )
            await self._keep(work, route_id, route, open_talk)

        note = RouteNote(route_id=route_id, letter_box=letter_box)
        return RouteDraft(note=note, effect=store)

    async def _keep(self, work: Work, route_id: str, route: _Route, talk: OpenTalk) -> None:
        """Seal a route and its place in the chat to this week's key."""
        week = self._weeks.public()
        expires_on = week.week + timedelta(days=7 + self._days)
        await work.settings.put(ROUTE_KEY, spelled_key(week))
        await work.routes.save(
            SealedRoute(
                id=RouteId(route_id),
                week=week.week,
                sealed=self._weeks.seal(_ROUTE, _ENCODER.encode(route), to=week),
                expires_on=expires_on,
            )
        )
        address = route.address
        await work.routes.save_chat(
            RouteChat(
                id=route.chat_id,
                conversation=self._envelopes.conversation(address.channel_id, address.chat),
                week=week.week,
                sealed=self._weeks.seal(_CHAT, _ENCODER.encode(talk), to=week),
                expires_on=expires_on,
            )
        )

    # --- in the chat -------------------------------------------------------------------------

    async def talks(self, conversation: ConversationKey) -> list[OpenTalk]:
        """Return the dialogues of a chat, by number."""
        async with self._storage.read() as work:
            return await self._talks(work, conversation)

    async def _talks(self, work: Work, conversation: ConversationKey) -> list[OpenTalk]:
        found = []
        for chat in await work.routes.chats(conversation):
            talk = self._opened(_CHAT, _DECODE_TALK, chat.sealed, chat.week)
            if talk is not None:
                found.append(replace(talk, chat_id=chat.id))
        return sorted(found, key=lambda talk: talk.number)

    def answer(self, talk: OpenTalk, letter: Letter) -> Effect:
        """Return the effect that lays an answer into the letter box of a dialogue."""
        row = RouteLetter(
            id=LetterId(new_id(self._chance)),
            letter_box=talk.letter_box,
            unit_id=talk.unit_id,
            sealed=self._talk.letter(talk.talk_public, letter),
            at=coarse(self._clock.now(), is_urgent=False),
        )

        async def store(work: Work) -> None:
            await work.routes.add_letter(row)

        return store

    def burn(self, talk: OpenTalk) -> Effect:
        """Return the effect after which no answer finds its way to this chat any more."""

        async def burn(work: Work) -> None:
            await work.routes.burn(RouteId(talk.route_id), talk.chat_id)

        return burn

    # --- what officers left ------------------------------------------------------------------

    async def deliver(self) -> float | None:
        """Put what is due into its chats; return in how many seconds the next is, if any.

        Each post and its answer are one commit, so that a kill neither loses nor doubles it.
        """
        now = self._clock.now()
        async with self._storage.read() as work:
            next_at = await work.routes.next_post_at()
        if next_at is None or next_at > now:
            return None if next_at is None else (next_at - now).total_seconds()
        async with self._storage.begin() as work:
            posts = await work.routes.due_posts(now, _POSTS_AT_ONCE)
            for post in posts:
                await self._deliver(work, post, now)
            next_at = await work.routes.next_post_at()
            await work.commit()
        return None if next_at is None else max(0.0, (next_at - now).total_seconds())

    async def _deliver(self, work: Work, post: RoutePost, now: datetime) -> None:
        await work.routes.remove_post(post.id)
        sealed = await work.routes.get(post.route_id)
        if sealed is None:
            # Burnt meanwhile. The message stands in the dialogue, where the receipt finds it.
            return
        route = self._opened(_ROUTE, _DECODE_ROUTE, sealed.sealed, sealed.week)
        said = self._opened(POST, _DECODE_POST, post.sealed, post.week)
        if route is None or said is None:
            log.warning("tips.post_unreadable")
            return
        conversation = self._envelopes.conversation(route.address.channel_id, route.address.chat)
        talks = await self._talks(work, conversation)
        talk = next((one for one in talks if one.chat_id == route.chat_id), None)
        if talk is None:
            return
        message = self._message(route, said, among=len(talks))
        reply = self._envelopes.reply(route.address, message)
        await work.deliveries.add_replies([reply], at=now)
        # An active dialogue moves on to the newest key.
        await self._keep(work, sealed.id, route, talk)

    def _message(self, route: _Route, said: Post, *, among: int) -> Outgoing:
        key = "talk_message" if among == 1 else "talk_message_of_many"
        text = self._say(key, route.language, number=route.number, text=said.text)
        return Outgoing(
            text=text,
            choices=(
                Choice(
                    label=self._say("talk_answer_button", route.language),
                    word=f"/traloi {route.number}",
                ),
            ),
            is_secret=True,
        )

    def _opened(
        self, purpose: str, decoder: "msgspec.json.Decoder[_Noun]", sealed: bytes, week: date
    ) -> _Noun | None:
        """Return what was sealed in that week, or None if its key has gone."""
        try:
            return decoder.decode(self._weeks.open(purpose, sealed, week=week))
        except (KeyGone, SealBroken, msgspec.DecodeError):
            return None
