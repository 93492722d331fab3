"""The people behind the OA and the platform itself: they answer by hand, revoke, change, reset.

Echoes of what the program sent itself are with the calls.
"""

from tests.channels.stubs.zalo_account_events import daily_quota_changed, revoked
from tests.channels.stubs.zalo_accounts import AnonymousVisitor, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_catalogue import ReadyEvent, Subjects, catalogue
from tests.channels.stubs.zalo_crowd_rare import ZaloRareCrowd
from tests.channels.stubs.zalo_events import Event, from_oa, in_group
from tests.channels.stubs.zalo_groups import ZaloGroup
from tests.channels.stubs.zalo_history import BY_OA
from tests.channels.stubs.zalo_signing import SentEvent


class ZaloOffice(ZaloRareCrowd):
    """Everything that happens to an OA without a call of the program."""

    async def admin_says(self, person: ZaloPerson, text: str) -> SentEvent:
        """Let a human of the OA write to a person from Zalo's own chat tool: with `admin_id`."""
        return await self._by_hand(person, kind="text", message={"text": text}, is_own_tool=True)

    async def admin_sends(self, person: ZaloPerson, kind: str) -> SentEvent:
        """Let a human of the OA send an image, a gif, a file or a sticker."""
        message: Event = {"attachments": [self._attached(kind, "", "", None)]}
        return await self._by_hand(person, kind=kind, message=message, is_own_tool=True)

    async def other_tool_says(self, person: ZaloPerson, text: str) -> SentEvent:
        """Let another program of the same OA write: no `admin_id`, an id nobody was told."""
        return await self._by_hand(person, kind="text", message={"text": text}, is_own_tool=False)

    async def admin_says_in_group(
        self, group: ZaloGroup, text: str, *, is_own_tool: bool = True
    ) -> SentEvent:
        """Let a human of the OA write in one of its groups, or another program of the OA."""
        oa = self._room_of(group).oa
        message: Event = {"text": text, "msg_id": self.ids.handle()}
        said = self.spoken_now(message, kind="text", src=BY_OA, ends=(oa.oa_id, group.group_id))
        self.world.history.note(oa.oa_id, group.group_id, said, is_group=True)
        name = "oa_send_group_text"
        event = in_group(self.app, oa, group, sender=oa.oa_id, name=name, message=message)
        if is_own_tool:
            event["sender"] = {"id": oa.oa_id, "admin_id": oa.operator_id}
        return await self.webhook.send(event)

    async def _by_hand(
        self, person: ZaloPerson, *, kind: str, message: Event, is_own_tool: bool
    ) -> SentEvent:
        oa = self.oa_of(person.user_id)
        full = message | {"msg_id": self.ids.handle()}
        said = self.spoken_now(full, kind=kind, src=BY_OA, ends=(oa.oa_id, person.user_id))
        self.world.history.note(oa.oa_id, person.user_id, said)
        event = from_oa(self.app, oa, person, name=f"oa_send_{kind}", message=full)
        if is_own_tool:
            event["sender"] = {"id": oa.oa_id, "admin_id": oa.operator_id}
        return await self.webhook.send(event)

    async def admin_revokes(self, *, oa: ZaloOa | None = None) -> SentEvent:
        """Let an admin take the app's grant back: tokens die, then the webhook is told."""
        place = oa or self.oa
        self.oauth.withdraw(place.oa_id)
        return await self.webhook.send(revoked(self.app, place))

    async def daily_quota_changes(
        self, *, before: int, after: int, oa: ZaloOa | None = None
    ) -> SentEvent:
        """Let the platform change how much the OA may send in a day."""
        event = daily_quota_changed(self.app, oa or self.oa, before=before, after=after)
        return await self.webhook.send(event)

    def reset_webhook_secret(self) -> str:
        """Press Reset on the webhook page; return the new OA Secret Key, in use at once."""
        self.app.webhook_secret = f"stub-oa-secret-key-{self.ids.handle()}"
        return self.app.webhook_secret

    async def unknown_event(self) -> SentEvent:
        """Send an event no document names, with fields nobody knows."""
        event: Event = {"app_id": self.app.app_id, "event_name": "oa_new_thing", "x": {"y": [1]}}
        return await self.webhook.send(event | {"oa_id": self.oa.oa_id})

    def catalogue(
        self,
        *,
        person: ZaloPerson | None = None,
        group: ZaloGroup | None = None,
        visitor: AnonymousVisitor | None = None,
    ) -> tuple[ReadyEvent, ...]:
        """Return every event there is, about the given or new people of this stub, as of now."""
        return catalogue(
            Subjects(
                app=self.app,
                oa=self.oa,
                person=person or self.person(),
                group=group or self.group(),
                visitor=visitor or self.visitor(),
                media_url=self.media.sample("image").url,
                at_ms=self.clock.now_ms(),
            )
        )

    async def send_ready(self, event: ReadyEvent) -> SentEvent:
        """Send one event of the catalogue."""
        return await self.webhook.send(event.body, server=event.server)
