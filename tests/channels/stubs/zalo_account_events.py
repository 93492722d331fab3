"""Bodies of the events around the talk itself: forms, seen marks, visitors, the account, calls.

Texts and attachments of people and echoes of the OA are in `zalo_events`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.channels.stubs.zalo_accounts import AnonymousVisitor, ZaloApp, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_events import Event, from_oa, from_user


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """What a person fills into the contact form. All invented."""

    name: str = "Lan"
    phone: str = "84900000000"
    birthday: str = "01/02/1990"
    gender: str = "female"
    city: str = "Hà Nội"
    ward: str = "Láng"
    address: str = "1 Láng"

    def shown(self) -> Event:
        """Return `info` as it is today."""
        return {
            "name": self.name,
            "phone": self.phone,
            "user_dob": self.birthday,
            "gender": self.gender,
            "full_address": {
                "user_city": self.city,
                "user_ward": self.ward,
                "user_address": self.address,
            },
        }

    def shown_as_before(self) -> Event:
        """Return `info` in its older form."""
        return {
            "address": self.address,
            "phone": self.phone,
            "city": self.city,
            "district": "",
            "ward": self.ward,
            "name": self.name,
        }


def submitted_info(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, info: Event) -> Event:
    """Return `user_submit_info`."""
    event = from_user(app, oa, person, name="user_submit_info", message={})
    del event["message"]
    return event | {"info": info}


def clicked_chat_now(app: ZaloApp, oa: ZaloOa, person: ZaloPerson) -> Event:
    """Return `user_click_chatnow`."""
    return {
        "oa_id": oa.oa_id,
        "user_id": person.user_id,
        "user_id_by_app": person.user_id_by_app,
        "event_name": "user_click_chatnow",
        "app_id": app.app_id,
    }


def withdrawn(app: ZaloApp, oa: ZaloOa, person: ZaloPerson) -> Event:
    """Return `user_withdraw`: this person's data is to be deleted."""
    return clicked_chat_now(app, oa, person) | {"event_name": "user_withdraw"}


def received(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, message_id: str) -> Event:
    """Return `user_received_message`."""
    message: Event = {"msg_id": message_id}
    return from_oa(app, oa, person, name="user_received_message", message=message)


def seen(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, message_ids: Sequence[str]) -> Event:
    """Return `user_seen_message`."""
    message: Event = {"msg_ids": list(message_ids)}
    return from_oa(app, oa, person, name="user_seen_message", message=message)


def reacted(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, message_id: str, icon: str) -> Event:
    """Return `user_reacted_message`."""
    message: Event = {"msg_id": message_id, "react_icon": icon}
    return from_user(app, oa, person, name="user_reacted_message", message=message)


def oa_reacted(
    app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, message_id: str, icon: str
) -> Event:
    """Return `oa_reacted_message`."""
    message: Event = {"msg_id": message_id, "react_icon": icon}
    return from_oa(app, oa, person, name="oa_reacted_message", message=message)


def from_visitor(
    app: ZaloApp, oa: ZaloOa, visitor: AnonymousVisitor, *, kind: str, message: Event
) -> Event:
    """Return `anonymous_send_<kind>`."""
    return {
        "app_id": app.app_id,
        "sender": {"id": visitor.anonymous_id},
        "recipient": {"id": oa.oa_id},
        "event_name": f"anonymous_send_{kind}",
        "message": {"conversation_id": visitor.conversation_id, **message},
    }


def to_visitor(
    app: ZaloApp, oa: ZaloOa, visitor: AnonymousVisitor, *, kind: str, message: Event
) -> Event:
    """Return `oa_send_anonymous_<kind>`, the echo."""
    return {
        "app_id": app.app_id,
        "sender": {"id": oa.oa_id},
        "recipient": {"id": visitor.anonymous_id},
        "event_name": f"oa_send_anonymous_{kind}",
        "message": {"conversation_id": visitor.conversation_id, **message},
    }


def revoked(app: ZaloApp, oa: ZaloOa) -> Event:
    """Return `permission_revoked`: an admin of the OA took the grant back."""
    return {"oa_id": oa.oa_id, "app_id": app.app_id, "event_name": "permission_revoked"}


def daily_quota_changed(app: ZaloApp, oa: ZaloOa, *, before: int, after: int) -> Event:
    """Return `change_oa_daily_quota`; its OA id has a name of its own."""
    return {
        "oaId": oa.oa_id,
        "app_id": app.app_id,
        "event_name": "change_oa_daily_quota",
        "quota": {"prev_value": str(before), "new_value": str(after)},
    }


def called(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, name: str, call_id: str) -> Event:
    """Return `user_call_oa` or `oa_call_user`; the duration is in milliseconds."""
    build = from_user if name == "user_call_oa" else from_oa
    event = build(app, oa, person, name=name, message={})
    del event["message"]
    return event | {"call_id": call_id, "call_type": "audio", "call_duration": "61000"}
