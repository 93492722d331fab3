"""Bodies of Zalo's webhook events, and JSON written so that a receiver must keep the raw bytes."""

import json
from collections.abc import Mapping

from tests.channels.stubs.zalo_accounts import ZaloApp, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_groups import ZaloGroup
from tests.channels.stubs.zalo_media import Medium

Event = dict[str, object]


def odd_json(event: Mapping[str, object], *, variant: int) -> bytes:
    """Return the event as JSON with unusual key order and spacing, different from one to the next.

    A receiver that re-serialises before it checks the signature computes other bytes.
    """
    turned = dict(reversed(list(event.items()))) if variant % 2 == 0 else dict(event)
    separators = [(" , ", " :  "), (",", ": "), (" ,", ":")][variant % 3]
    text = json.dumps(turned, ensure_ascii=variant % 4 == 3, separators=separators)
    return f" {text}\n".encode()


def from_user(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, name: str, message: Event) -> Event:
    """Return an event of a person writing to the OA."""
    return {
        "app_id": app.app_id,
        "sender": {"id": person.user_id},
        "user_id_by_app": person.user_id_by_app,
        "recipient": {"id": oa.oa_id},
        "event_name": name,
        "message": message,
    }


def from_oa(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, name: str, message: Event) -> Event:
    """Return an event of the OA writing to a person, or of what became of that message."""
    return {
        "app_id": app.app_id,
        "sender": {"id": oa.oa_id},
        "recipient": {"id": person.user_id},
        "user_id_by_app": person.user_id_by_app,
        "event_name": name,
        "message": message,
    }


def in_group(
    app: ZaloApp, oa: ZaloOa, group: ZaloGroup, *, sender: str, name: str, message: Event
) -> Event:
    """Return an event of somebody writing in a group of the OA."""
    return {
        "app_id": app.app_id,
        "oa_id": oa.oa_id,
        "sender": {"id": sender},
        "recipient": {"id": group.group_id},
        "event_name": name,
        "message": message,
    }


def follow(app: ZaloApp, oa: ZaloOa, person: ZaloPerson, *, is_over: bool) -> Event:
    """Return `follow`, or `unfollow` if it is over."""
    event: Event = {
        "oa_id": oa.oa_id,
        "follower": {"id": person.user_id},
        "user_id_by_app": person.user_id_by_app,
        "event_name": "unfollow" if is_over else "follow",
        "app_id": app.app_id,
    }
    if not is_over:
        event["source"] = "oa_profile"
    return event


def attachment(kind: str, *, url: str, title: str, medium: Medium | None = None) -> Event:
    """Return one attachment of the given kind with every part the platform sends as a string."""
    media: Event = {"thumbnail": url, "url": url}
    payloads: dict[str, Event] = {
        "image": dict(media),
        "gif": dict(media),
        "link": media | {"description": title},
        "audio": {"url": url},
        "video": media | {"description": title},
        "sticker": {"id": title, "url": url},
        "location": {"coordinates": {"latitude": "10.764", "longitude": "106.656"}},
        "file": {
            "url": url,
            "size": str(len(medium.body)) if medium else "120400",
            "name": title,
            "checksum": medium.checksum if medium else "0" * 32,
            "type": title.rpartition(".")[2],
        },
        "business_card": media
        | {"description": json.dumps({"phone": "84900000000", "qrCodeUrl": url})},
        "list": media | {"title": title, "description": title},
        "template": {"zinstant_id": "1", "text": title, "link_url": url, "checksum": "0" * 32},
    }
    shown_as = "link" if kind in {"business_card", "list"} else kind
    return {"type": shown_as, "payload": payloads[kind]}
