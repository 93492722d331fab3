"""People on the stand-in Zalo and what they do with an OA: write, send, tap, follow, leave.

Each deed returns after the first try to tell the webhook about it. Groups have their own crowd.
"""

from collections.abc import Iterable

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import Sent, SentButton, SentLog
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.zalo_accounts import ZaloApp, ZaloIds, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_events import (
    Event,
    attachment,
    follow,
    from_user,
)
from tests.channels.stubs.zalo_history import BY_USER, Spoken, spoken
from tests.channels.stubs.zalo_media import Medium, ZaloMedia
from tests.channels.stubs.zalo_messages import QUERY_KINDS
from tests.channels.stubs.zalo_oauth import ZaloOauth
from tests.channels.stubs.zalo_signing import SentEvent
from tests.channels.stubs.zalo_webhook import ZaloWebhook
from tests.channels.stubs.zalo_world import ZaloWorld


class ZaloCrowd:
    """One app, its OAs and everybody around them; `oa` is meant where none is named."""

    def __init__(self, *, clock: StubClock, open_house: bool) -> None:
        self.clock = clock
        self.broken_rules = RuleBook()
        self.ids = ZaloIds()
        self.app = ZaloApp(
            app_id=self.ids.number(),
            app_secret="stub-app-secret",
            webhook_secret="stub-oa-secret-key",
            is_open_house=open_house,
        )
        self.sent = SentLog()
        self.world = ZaloWorld(
            app=self.app, clock=clock, ids=self.ids, sent=self.sent, book=self.broken_rules
        )
        self.base_url = ""
        self.media = ZaloMedia(
            base=lambda: self.base_url, clock=clock, ids=self.ids, book=self.broken_rules
        )
        self.oauth = ZaloOauth(app=self.app, clock=clock, book=self.broken_rules)
        self.webhook = ZaloWebhook(
            app=self.app,
            clock=clock,
            book=self.broken_rules,
            has_grant=self.oauth.has_grant,
        )
        self.oa = self.add_oa("OA Thử Nghiệm")

    def add_oa(self, name: str) -> ZaloOa:
        """Return one more OA of the app, with a token pair of its own."""
        oa = ZaloOa(oa_id=self.ids.number(), name=name)
        self.app.oas[oa.oa_id] = oa
        self.oauth.issue(oa.oa_id)
        return oa

    def person(self, user_id: str = "", *, oa: ZaloOa | None = None) -> ZaloPerson:
        """Return the person with that id, or a new one; new ones follow but never interacted."""
        people = (oa or self.oa).people
        if user_id not in people:
            person = ZaloPerson(
                user_id=user_id or self.ids.number(),
                user_id_by_app=self.ids.number(),
                name="Người Thử",
            )
            people[person.user_id] = person
            return person
        return people[user_id]

    async def user_says(self, user: ZaloPerson | str, text: str, *, quotes: str = "") -> SentEvent:
        """Let a person write a text, perhaps in reply to the message with the id `quotes`."""
        person = self.person(user) if isinstance(user, str) else user
        message: Event = {"text": text}
        if quotes:
            message["quote_msg_id"] = quotes
        return await self._user_event(person, "user_send_text", message)

    async def user_sends(
        self,
        person: ZaloPerson,
        kind: str,
        *,
        url: str = "",
        title: str = "",
        caption: str = "",
        medium: Medium | None = None,
    ) -> SentEvent:
        """Let a person send an image, gif, link, audio, video, sticker, location, file or card.

        Without `url` the stub serves `medium` itself, or a small sample of that kind.
        """
        message: Event = {"attachments": [self._attached(kind, url, title, medium)]}
        if caption:
            message["text"] = caption
        return await self._user_event(person, f"user_send_{kind}", message)

    def _attached(self, kind: str, url: str, title: str, medium: Medium | None) -> Event:
        if url:
            return attachment(kind, url=url, title=title or "tệp.pdf")
        sent = medium or self.media.sample(kind)
        return attachment(kind, url=sent.url, title=title or sent.name, medium=sent)

    async def user_taps(self, message: Sent, button: SentButton | str | int) -> SentEvent | None:
        """Let a person tap a button: `oa.query.*` comes back as a text, others only count."""
        pressed = message.button(button)
        person = self.oa_of(message.to).people[message.to]
        if pressed.kind in QUERY_KINDS:
            return await self.user_says(person, pressed.payload)
        person.last_interaction_at = self.clock.now()
        return None

    async def user_follows(self, person: ZaloPerson) -> SentEvent:
        """Let a person follow the OA."""
        person.is_follower = True
        person.last_interaction_at = self.clock.now()
        oa = self.oa_of(person.user_id)
        return await self.webhook.send(follow(self.app, oa, person, is_over=False))

    async def user_unfollows(self, person: ZaloPerson) -> SentEvent:
        """Let a person stop following."""
        person.is_follower = False
        oa = self.oa_of(person.user_id)
        return await self.webhook.send(follow(self.app, oa, person, is_over=True))

    async def _user_event(self, person: ZaloPerson, name: str, message: Event) -> SentEvent:
        person.last_interaction_at = self.clock.now()
        oa = self.oa_of(person.user_id)
        full = message | {"msg_id": self.ids.handle()}
        kind = name.removeprefix("user_send_")
        said = self.spoken_now(full, kind=kind, src=BY_USER, ends=(person.user_id, oa.oa_id))
        self.world.history.note(oa.oa_id, person.user_id, said)
        return await self.webhook.send(from_user(self.app, oa, person, name=name, message=full))

    def spoken_now(self, message: Event, *, kind: str, src: int, ends: tuple[str, str]) -> Spoken:
        """Return a message of this moment, from and to the given ids."""
        at_ms = self.clock.now_ms()
        return spoken(message, src=src, kind=kind, at_ms=at_ms, from_id=ends[0], to_id=ends[1])

    def oa_of(self, user_id: str) -> ZaloOa:
        """Return the OA that knows a person."""
        return next(oa for oa in self.app.oas.values() if user_id in oa.people)

    async def tell(self, events: Iterable[Event]) -> list[SentEvent]:
        """Send events one after the other."""
        return [await self.webhook.send(event) for event in events]
