"""Every event of Zalo's tables, in every spelling, and what it is to us."""

from dataclasses import dataclass, replace
from typing import Final

import pytest

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.catalogue import CATALOGUE, IGNORED
from bot.channels.zalo.doorstep import Doorstep
from bot.core.ids import ChannelId
from bot.core.messages import (
    AccountChange,
    AccountEvent,
    Contact,
    GroupChange,
    GroupEvent,
    Incoming,
    IncomingKind,
    Media,
    MediaKind,
)
from tests.channels.rigs_zalo import signed_by
from tests.channels.zalo.bodies import (
    APP,
    BEFORE,
    GROUP,
    MEDIA_URL,
    NOON,
    OA,
    OPERATOR,
    PERSON,
    TODAY,
    VISITOR,
    Body,
    about_person,
    event,
    from_account,
    from_person,
    in_group,
    message,
    of_account,
    of_group,
    spelled,
)
from tests.fakes import FakeClock

ACCOUNT: Final = ZaloAccount(
    id=ChannelId("za1"),
    app_id=APP,
    oa_id=OA,
    app_secret="invented app secret",
    oa_secret="invented account secret",
)
VISITOR_CHAT: Final = f"anonymous:conv-1:{VISITOR}"

_PICTURE: Final = Media(kind=MediaKind.PICTURE, handle=MEDIA_URL)
_SHOWN: Final = {
    "image": _PICTURE,
    "gif": _PICTURE,
    "link": Media(kind=MediaKind.OTHER, handle="https://example.invalid/trang"),
    "audio": Media(kind=MediaKind.VOICE, handle="https://f1.zdn.vn/a/v.amr"),
    "video": Media(kind=MediaKind.VIDEO, handle=MEDIA_URL),
    "sticker": Media(kind=MediaKind.OTHER, handle=MEDIA_URL),
    "location": Media(kind=MediaKind.PLACE, latitude=10.764, longitude=106.656),
    "file": Media(
        kind=MediaKind.FILE,
        handle="https://f1.zdn.vn/a/f.pdf",
        name="đơn thử.pdf",
        size_bytes=120_400,
    ),
    "business_card": Media(kind=MediaKind.OTHER, handle="https://example.invalid/the"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: a body, and what must stand in the `Incoming`. `about`: the rest."""

    body: Body
    kind: IncomingKind
    chat: str = ""
    sender: str = ""
    text: str = ""
    is_group: bool = False
    note: str = ""
    about: object = None

    @property
    def name(self) -> str:
        return str(self.body["event_name"])


def _words(form: str) -> str:
    return {"text": "Xin chào", "link": "https://example.invalid/trang"}.get(form, "")


def _of_people() -> list[Row]:
    rows = [
        Row(
            body=from_person(f"user_send_{form}", message=message(form)),
            kind=IncomingKind.MEDIA,
            chat=PERSON,
            sender=PERSON,
            text=_words(form),
            about=(shown,),
        )
        for form, shown in _SHOWN.items()
    ]
    rows += [
        Row(
            body=in_group(f"user_send_group_{form}", message=message(form)),
            kind=IncomingKind.MEDIA,
            chat=GROUP,
            sender=PERSON,
            text=_words(form),
            is_group=True,
            about=(shown,),
        )
        for form, shown in _SHOWN.items()
    ]
    for form in ("image", "file", "sticker"):
        body = event(
            f"anonymous_send_{form}",
            sender={"id": VISITOR},
            recipient={"id": OA},
            message=message(form, conversation_id="conv-1"),
        )
        rows.append(
            Row(
                body=body,
                kind=IncomingKind.MEDIA,
                chat=VISITOR_CHAT,
                sender=VISITOR,
                about=(_SHOWN[form],),
            )
        )
    return rows


def _texts() -> list[Row]:
    said = Row(
        body=from_person("user_send_text", message=message("text")),
        kind=IncomingKind.TEXT,
        chat=PERSON,
        sender=PERSON,
        text="Xin chào",
    )
    by_visitor = event(
        "anonymous_send_text",
        sender={"id": VISITOR},
        recipient={"id": OA},
        message=message("text", conversation_id="conv-1"),
    )
    return [
        said,
        replace(
            said,
            body=in_group("user_send_group_text", message=message("text")),
            chat=GROUP,
            is_group=True,
        ),
        replace(said, body=by_visitor, chat=VISITOR_CHAT, sender=VISITOR),
    ]


def _echoes() -> list[Row]:
    own = ("text", "image", "gif", "list", "file", "sticker", "template")
    words = {"text": "Xin chào", "template": "Mẫu thử"}
    rows = []
    for form in own:
        body = from_account(f"oa_send_{form}", message=message(form))
        text = words.get(form, "")
        rows.append(Row(body=body, kind=IncomingKind.ECHO, chat=PERSON, text=text))
        by_hand = from_account(f"oa_send_{form}", admin_id=OPERATOR, message=message(form))
        rows.append(Row(body=by_hand, kind=IncomingKind.ECHO, chat=PERSON, sender=OPERATOR))
    for form in dict.fromkeys((*own, *_SHOWN)):
        body = in_group(f"oa_send_group_{form}", sender=OA, message=message(form))
        text = words.get(form, _words(form))
        rows.append(Row(body=body, kind=IncomingKind.ECHO, chat=GROUP, text=text, is_group=True))
    for form in ("text", "image", "file", "sticker"):
        body = event(
            f"oa_send_anonymous_{form}",
            sender={"id": OA},
            recipient={"id": VISITOR},
            message=message(form, conversation_id="conv-1"),
        )
        text = words.get(form, "")
        rows.append(Row(body=body, kind=IncomingKind.ECHO, chat=VISITOR_CHAT, text=text))
    return rows


def _of_groups() -> list[Row]:
    members = (
        "user_join_group",
        "accept_request_join_group",
        "react_request_join_group_accept",
        "react_request_join_group",
        "user_out_group",
        "user_leave_group",
    )
    changes = [
        *((of_group(name, PERSON), GroupEvent.MEMBERS) for name in members),
        *(
            (of_group(name, OA), GroupEvent.REMOVED)
            for name in ("user_out_group", "user_leave_group")
        ),
        (of_group("create_group"), GroupEvent.ADDED),
        (of_group("delete_group"), GroupEvent.CLOSED),
        (of_group("disperse_group"), GroupEvent.CLOSED),
        (of_group("update_group_info"), GroupEvent.RENAMED),
    ]
    rows = [
        Row(
            body=body,
            kind=IncomingKind.GROUP,
            chat=GROUP,
            is_group=True,
            about=GroupChange(event=change),
        )
        for body, change in changes
    ]
    renamed = of_group("update_group_info", group_name="Tổ 3 (thử)")
    change = GroupChange(event=GroupEvent.RENAMED, name="Tổ 3 (thử)")
    rows.append(
        Row(body=renamed, kind=IncomingKind.GROUP, chat=GROUP, is_group=True, about=change)
    )
    quiet = (
        "user_request_join_group",
        "reject_request_join_group",
        "react_request_join_group_reject",
        "add_group_admin",
        "remove_group_admin",
    )
    rows += [
        Row(body=of_group(name, PERSON), kind=IncomingKind.IGNORED, note=name) for name in quiet
    ]
    return rows


def _person(body: Body, kind: IncomingKind, *, note: str = "", about: object = None) -> Row:
    return Row(body=body, kind=kind, chat=PERSON, sender=PERSON, note=note, about=about)


def _of_the_account() -> list[Row]:
    follower: Body = {"oa_id": OA, "follower": {"id": PERSON}, "user_id_by_app": "8001"}
    filled = Contact(name="Người Thử", phone="0900000000", address="1 Láng, Láng, Hà Nội")
    before = Contact(name="Người Thử", phone="0900000000", address="1 Láng, Láng, Đống Đa, Hà Nội")
    quota: Body = {"prev_value": "500", "new_value": "2000"}
    numbers = AccountChange(event=AccountEvent.QUOTA, note="500 → 2000")
    return [
        _person(
            event("follow", source="oa_profile", **follower),
            IncomingKind.START,
            note="follow:oa_profile",
        ),
        _person(event("follow", source=PERSON, **follower), IncomingKind.START, note="follow"),
        _person(event("unfollow", **follower), IncomingKind.STOPPED),
        _person(about_person("user_click_chatnow"), IncomingKind.START),
        _person(about_person("user_withdraw"), IncomingKind.WITHDREW),
        _person(from_person("user_submit_info", info=TODAY), IncomingKind.CONTACT, about=filled),
        _person(from_person("user_submit_info", info=BEFORE), IncomingKind.CONTACT, about=before),
        Row(
            body=of_account("permission_revoked"),
            kind=IncomingKind.ACCOUNT,
            about=AccountChange(event=AccountEvent.REVOKED),
        ),
        Row(
            body=event("change_oa_daily_quota", oaId=OA, quota=quota),
            kind=IncomingKind.ACCOUNT,
            about=numbers,
        ),
    ]


def _without_effect() -> list[Row]:
    tag: Body = {"user_ids": [PERSON], "name": "thử"}
    call: Body = {"call_id": "c1", "call_type": "audio", "call_duration": "61000"}
    widget: Body = {"user_id": PERSON, "user_external_id": "x", "url": "https://example.invalid"}
    heart: Body = {"msg_id": "c1", "react_icon": "/-heart"}
    came: Body = {"delivery_time": "1770000001000", "msg_id": "z1", "tracking_id": "order-123"}
    consent: Body = {"phone": "84900000000", "request_type": "SENT", "create_time": "1"}
    status: Body = {"prev_status": "ENABLE", "new_status": "DISABLE"}
    bodies = [
        from_account("user_received_message", message={"msg_id": "c1"}),
        # The same name for a template sent to a telephone: the recipient is a number.
        event(
            "user_received_message",
            sender={"id": OA},
            recipient={"id": "84900000000"},
            message=came,
        ),
        from_account("user_seen_message", message={"msg_ids": ["c1", "c2"]}),
        from_person("user_reacted_message", message=heart),
        from_account("oa_reacted_message", message=heart),
        of_account("add_user_to_tag", tag=tag),
        of_account("remove_user_from_tag", tag=tag),
        of_account("remove_tag", tag={"name": "thử"}),
        of_account("update_user_info", data={"method": "x", "user_id": PERSON}),
        of_account("change_oa_template_tags", data={"tags": ["OTP"]}),
        of_account("change_template_quality", template_id="1", quality={"new_quality": "LOW"}),
        of_account("change_template_quota", template_id="1", quota={"new_value": "5"}),
        of_account("change_template_status", template_id="1", status=status, reason="x"),
        from_person("user_feedback", message={"rate": 5, "note": "tốt", "msg_id": "z1"}),
        from_person("user_click_response_button", message={"msg_id": "z1"}),
        of_account("event_journey_time_out", journey_id="j1"),
        of_account("event_journey_acknowledged", journey_id="j1"),
        of_account("oa_send_consent", **consent),
        of_account("user_reply_consent", user_consent="ALLOW", phone="84900000000"),
        from_person("user_call_oa", **call),
        {**from_account("oa_call_user"), **call},
        of_account("widget_interaction_accepted", data=widget),
        of_account("widget_failed_to_sync_user_external_id", data=widget),
        of_account("shop_has_order", order={"id": "1"}),
        of_account("extension_purchased", extension={"id": "1"}),
    ]
    return [
        Row(body=body, kind=IncomingKind.IGNORED, note=str(body["event_name"])) for body in bodies
    ]


ROWS: Final = [
    *_texts(),
    *_of_people(),
    *_echoes(),
    *_of_groups(),
    *_of_the_account(),
    *_without_effect(),
]


def read(body: Body | bytes) -> Incoming:
    raw = body if isinstance(body, bytes) else spelled(body)
    (incoming,) = Doorstep(ACCOUNT, FakeClock(NOON)).read(signed_by(ACCOUNT, raw))
    return incoming


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{number} {row.name}") for number, row in enumerate(ROWS)]
)
def test_every_event_of_the_tables_is_what_it_should_be(row: Row) -> None:
    incoming = read(row.body)

    seen = (incoming.kind, incoming.chat, incoming.sender, incoming.is_group)
    assert seen == (row.kind, row.chat, row.sender, row.is_group)
    assert (incoming.text, incoming.event_name) == (row.text, row.note)
    told = incoming.media or incoming.contact or incoming.group or incoming.account
    assert (told or None) == row.about
    assert PERSON not in incoming.event_id


def test_no_event_of_the_catalogue_is_without_a_row() -> None:
    assert {row.name for row in ROWS} >= set(CATALOGUE)


def test_whatever_is_ignored_says_why() -> None:
    assert [name for name, why in IGNORED.items() if len(why.split()) < 4] == []
    ignored = {name for name, kind in CATALOGUE.items() if kind is IncomingKind.IGNORED}
    assert ignored == set(IGNORED)


def test_an_event_with_a_new_name_is_counted_as_unknown_and_nothing_more() -> None:
    incoming = read(event("oa_new_thing", oa_id=OA, x={"y": [1]}))

    assert (incoming.kind, incoming.event_name) == (IncomingKind.IGNORED, "unknown")
    assert (incoming.chat, incoming.sender, incoming.text) == ("", "", "")
