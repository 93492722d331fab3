"""What people do besides writing: forms, seen marks, reactions; and visitors without names.

Each deed returns after the first try to tell the webhook about it.
"""

from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.zalo_account_events import (
    ContactData,
    called,
    clicked_chat_now,
    from_visitor,
    reacted,
    received,
    seen,
    submitted_info,
    withdrawn,
)
from tests.channels.stubs.zalo_accounts import AnonymousVisitor, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_crowd_groups import ZaloGroupCrowd
from tests.channels.stubs.zalo_events import Event
from tests.channels.stubs.zalo_media import Medium
from tests.channels.stubs.zalo_signing import SentEvent


class ZaloRareCrowd(ZaloGroupCrowd):
    """The deeds the pages name that are neither texts nor memberships."""

    async def user_submits_info(
        self, person: ZaloPerson, info: ContactData | None = None, *, is_older_form: bool = False
    ) -> SentEvent:
        """Let a person fill in the contact form of a `request_user_info`."""
        told = info or ContactData()
        person.last_interaction_at = self.clock.now()
        person.shared = told.shown_as_before() | {"user_dob": told.birthday}
        shown = told.shown_as_before() if is_older_form else told.shown()
        oa = self.oa_of(person.user_id)
        return await self.webhook.send(submitted_info(self.app, oa, person, info=shown))

    async def user_clicks_chat_now(self, person: ZaloPerson) -> SentEvent | None:
        """Let a person open the chat from the OA's page: told once, of who never chatted."""
        if person.last_interaction_at is not None:
            return None
        person.last_interaction_at = self.clock.now()
        oa = self.oa_of(person.user_id)
        return await self.webhook.send(clicked_chat_now(self.app, oa, person))

    async def user_withdraws(self, person: ZaloPerson) -> SentEvent:
        """Let a person ask for the deletion of their data."""
        oa = self.oa_of(person.user_id)
        return await self.webhook.send(withdrawn(self.app, oa, person))

    async def user_receives(self, message: Sent) -> SentEvent:
        """Let a person's phone tell that a message came."""
        oa = self.oa_of(message.to)
        person = oa.people[message.to]
        return await self.webhook.send(
            received(self.app, oa, person, message_id=message.message_id)
        )

    async def user_sees(self, *messages: Sent) -> SentEvent:
        """Let a person look at messages of one conversation."""
        oa = self.oa_of(messages[0].to)
        ids = [message.message_id for message in messages]
        person = oa.people[messages[0].to]
        return await self.webhook.send(seen(self.app, oa, person, message_ids=ids))

    async def user_reacts(
        self, person: ZaloPerson, message_id: str, icon: str = "/-heart"
    ) -> SentEvent:
        """Let a person react to a message; does not count as interaction."""
        oa = self.oa_of(person.user_id)
        event = reacted(self.app, oa, person, message_id=message_id, icon=icon)
        return await self.webhook.send(event)

    async def user_calls(self, person: ZaloPerson) -> SentEvent:
        """Let a person ring the OA up, and be answered."""
        person.last_interaction_at = self.clock.now()
        oa, call_id = self.oa_of(person.user_id), self.ids.handle()
        event = called(self.app, oa, person, name="user_call_oa", call_id=call_id)
        return await self.webhook.send(event)

    # Visitors who are not signed in to Zalo.

    def visitor(self, *, oa: ZaloOa | None = None) -> AnonymousVisitor:
        """Return a new visitor nobody knows the name of."""
        place = oa or self.oa
        number = len(place.visitors) + 1
        visitor = AnonymousVisitor(
            anonymous_id=f"anon-{place.oa_id[-6:]}{number:04d}",
            conversation_id=f"conv-{place.oa_id[-6:]}{number:04d}",
        )
        place.visitors[visitor.anonymous_id] = visitor
        return visitor

    async def visitor_says(self, visitor: AnonymousVisitor, text: str) -> SentEvent:
        """Let a visitor write a text."""
        return await self._visitor_event(visitor, kind="text", message={"text": text})

    async def visitor_sends(
        self, visitor: AnonymousVisitor, kind: str, *, medium: Medium | None = None
    ) -> SentEvent:
        """Let a visitor send an image, a file or a sticker."""
        message: Event = {"attachments": [self._attached(kind, "", "", medium)]}
        return await self._visitor_event(visitor, kind=kind, message=message)

    async def _visitor_event(
        self, visitor: AnonymousVisitor, *, kind: str, message: Event
    ) -> SentEvent:
        full = message | {"msg_id": self.ids.handle()}
        oas = self.app.oas.values()
        oa = next(oa for oa in oas if visitor.anonymous_id in oa.visitors)
        return await self.webhook.send(
            from_visitor(self.app, oa, visitor, kind=kind, message=full)
        )
