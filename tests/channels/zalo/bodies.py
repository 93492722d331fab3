"""Bodies of real shape for every event of Zalo's tables. All ids are invented."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

APP: Final = "1111111111111111111"
OA: Final = "4567890123456789012"
PERSON: Final = "2345678901234567890"
BY_APP: Final = "3456789012345678901"
GROUP: Final = "0a1b2c3d4e5f60718293"
OPERATOR: Final = "6001"
VISITOR: Final = "anon-5001"
NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEDIA_URL: Final = "https://f1.zdn.vn/a/i.jpg"

Body = dict[str, object]

_PAYLOADS: Final[Mapping[str, Body]] = {
    "image": {"thumbnail": "https://f1.zdn.vn/a/t.jpg", "url": MEDIA_URL},
    "gif": {"thumbnail": "https://f1.zdn.vn/a/t.jpg", "url": MEDIA_URL},
    "link": {
        "thumbnail": "https://f1.zdn.vn/a/t.jpg",
        "description": "Trang thử",
        "url": "https://example.invalid/trang",
    },
    "audio": {"url": "https://f1.zdn.vn/a/v.amr"},
    "video": {"thumbnail": "https://f1.zdn.vn/t.jpg", "description": "", "url": MEDIA_URL},
    "sticker": {"id": "ad1", "url": MEDIA_URL},
    "location": {"coordinates": {"latitude": "10.764", "longitude": "106.656"}},
    "file": {
        "url": "https://f1.zdn.vn/a/f.pdf",
        "size": "120400",
        "name": "đơn thử.pdf",
        "checksum": "d41d8cd98f00b204e9800998ecf8427e",
        "type": "pdf",
    },
    "business_card": {
        "thumbnail": "https://f1.zdn.vn/a/a.jpg",
        "description": '{"phone":"84900000000","qrCodeUrl":"https://f1.zdn.vn/q.jpg"}',
        "url": "https://example.invalid/the",
    },
    "template": {"zinstant_id": "z1", "text": "Mẫu thử", "link_url": "", "checksum": "0"},
    "list": {"url": "https://example.invalid/trang", "description": "Danh sách thử"},
}


def attached(form: str) -> Body:
    """Return one attachment; a business card calls itself a link."""
    shown_as = "link" if form in {"business_card", "list"} else form
    return {"type": shown_as, "payload": dict(_PAYLOADS[form])}


def message(form: str, **more: object) -> Body:
    """Return the part `message` of a text or of something attached."""
    if form == "text":
        return {"text": "Xin chào", "msg_id": "a1b2", **more}
    return {"msg_id": "a1b2", "attachments": [attached(form)], **more}


def event(name: str, **parts: object) -> Body:
    """Return an event of `name` with the parts it is made of."""
    now = str(round(NOON.timestamp() * 1000))
    return {"app_id": APP, "event_name": name, "timestamp": now, **parts}


def spelled(body: Body) -> bytes:
    """Return the body as it is posted."""
    return json.dumps(body, ensure_ascii=False).encode()


def from_person(name: str, **parts: object) -> Body:
    """Return an event of a person and the account."""
    sides: Body = {"sender": {"id": PERSON}, "recipient": {"id": OA}, "user_id_by_app": BY_APP}
    return event(name, **sides, **parts)


def from_account(name: str, *, admin_id: str = "", **parts: object) -> Body:
    """Return an event of the account and a person; `admin_id` wrote it by hand."""
    sender = {"id": OA, "admin_id": admin_id} if admin_id else {"id": OA}
    sides: Body = {"sender": sender, "recipient": {"id": PERSON}, "user_id_by_app": BY_APP}
    return event(name, **sides, **parts)


def in_group(name: str, *, sender: str = PERSON, **parts: object) -> Body:
    """Return a message in a group."""
    sides: Body = {"oa_id": OA, "sender": {"id": sender}, "recipient": {"id": GROUP}}
    return event(name, **sides, **parts)


def of_group(name: str, *users: str, **parts: object) -> Body:
    """Return a change of a group; `users` are absent where nobody is concerned."""
    concerned: Body = {"users": [{"id": user} for user in users]} if users else {}
    return event(name, oa_id=OA, group_id=GROUP, **concerned, **parts)


def about_person(name: str, **parts: object) -> Body:
    """Return an event that names account and person by words of their own."""
    return event(name, oa_id=OA, user_id=PERSON, user_id_by_app=BY_APP, **parts)


def of_account(name: str, **parts: object) -> Body:
    """Return an event about the account alone."""
    return event(name, oa_id=OA, **parts)


TODAY: Final[Body] = {
    "name": "Người Thử",
    "phone": "84900000000",
    "user_dob": "01/02/1990",
    "gender": "female",
    "full_address": {"user_city": "Hà Nội", "user_ward": "Láng", "user_address": "1 Láng"},
}
BEFORE: Final[Body] = {
    "address": "1 Láng",
    "phone": "84900000000",
    "city": "Hà Nội",
    "district": "Đống Đa",
    "ward": "Láng",
    "name": "Người Thử",
}
