"""Every event the pages name, as a ready body: to try a receiver with all of them.

`CATALOGUE` has invented ids and a fixed moment, fit for parametrised tests and for files;
`ZaloStub.catalogue()` has the ids of the stub's own people, to be sent by `send_ready`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.channels.stubs.zalo_account_events import (
    ContactData,
    called,
    clicked_chat_now,
    daily_quota_changed,
    from_visitor,
    oa_reacted,
    reacted,
    received,
    revoked,
    seen,
    submitted_info,
    to_visitor,
    withdrawn,
)
from tests.channels.stubs.zalo_accounts import AnonymousVisitor, ZaloApp, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_events import (
    Event,
    attachment,
    follow,
    from_oa,
    from_user,
    in_group,
)
from tests.channels.stubs.zalo_group_events import NAMES, Happening, group_event
from tests.channels.stubs.zalo_groups import AssetKind, ZaloAsset, ZaloGroup
from tests.channels.stubs.zalo_template_events import (
    consent_and_trade_events,
    delivered_by_phone,
    tag_events,
    template_events,
)

CHAT_SERVER: Final = "OA OpenAPI"
TEMPLATE_SERVER: Final = "ZNS"

USER_KINDS: Final = (
    "image",
    "gif",
    "link",
    "audio",
    "video",
    "sticker",
    "location",
    "business_card",
    "file",
)
OA_KINDS: Final = ("image", "gif", "list", "file", "sticker", "template")
VISITOR_KINDS: Final = ("image", "file", "sticker")
_NOBODY_CONCERNED: Final = frozenset(
    {Happening.CREATED, Happening.INFO_CHANGED, Happening.DELETED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyEvent:
    """One body; `id` is its name, with a variant behind a space where there are several."""

    id: str
    body: Mapping[str, object]
    server: str = CHAT_SERVER

    @property
    def name(self) -> str:
        """Return the event's name."""
        return str(self.body["event_name"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Whom the events are about."""

    app: ZaloApp
    oa: ZaloOa
    person: ZaloPerson
    group: ZaloGroup
    visitor: AnonymousVisitor
    media_url: str = "https://f1.zdn.vn/invented/a.jpg"
    at_ms: int = 1_770_000_000_000


def invented_subjects() -> Subjects:
    """Return subjects that are nobody."""
    asset = ZaloAsset(
        asset_id="0f1e2d3c4b5a69788",
        kind=AssetKind.GMF50,
        valid_through_at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    return Subjects(
        app=ZaloApp(
            app_id="1234567890123456789", app_secret="app-secret", webhook_secret="oa-secret"
        ),
        oa=ZaloOa(oa_id="4567890123456789012", name="OA Thử Nghiệm"),
        person=ZaloPerson(
            user_id="2345678901234567890", user_id_by_app="3456789012345678901", name="Người Thử"
        ),
        group=ZaloGroup(group_id="0a1b2c3d4e5f60718293", name="Nhóm Thử", asset=asset),
        visitor=AnonymousVisitor(anonymous_id="anon-5001", conversation_id="conv-1"),
    )


def catalogue(subjects: Subjects) -> tuple[ReadyEvent, ...]:
    """Return one event of every name, and of every known variant of its body."""
    chat = [*_by_people(subjects), *_by_oa(subjects), *_by_visitors(subjects)]
    bodies = [*chat, *_of_account(subjects), *_of_groups(subjects)]
    ready = [
        ReadyEvent(id=key, body={**body, "timestamp": str(subjects.at_ms)}) for key, body in bodies
    ]
    by_phone = delivered_by_phone(
        subjects.app, subjects.oa, delivered_ms=str(subjects.at_ms - 500)
    )
    ready.append(
        ReadyEvent(
            id="user_received_message by phone",
            body={**by_phone, "timestamp": str(subjects.at_ms)},
            server=TEMPLATE_SERVER,
        )
    )
    return tuple(ready)


Bodies = Iterator[tuple[str, Event]]


def _with(kind: str, subjects: Subjects, message_id: str) -> Event:
    title = "bfe458bf64fa8da4d4eb" if kind == "sticker" else "to-khai.pdf"
    shown = attachment(kind, url=subjects.media_url, title=title)
    return {"msg_id": message_id, "attachments": [shown]}


def _by_people(on: Subjects) -> Bodies:
    def said(name: str, message: Event) -> Event:
        return from_user(on.app, on.oa, on.person, name=name, message=message)

    text: Event = {"msg_id": "a0", "text": "Chào ủy ban"}
    yield "user_send_text", said("user_send_text", text)
    yield "user_send_text in reply", said("user_send_text", text | {"quote_msg_id": "c1"})
    for number, kind in enumerate(USER_KINDS, start=1):
        message = _with(kind, on, f"a{number}")
        yield f"user_send_{kind}", said(f"user_send_{kind}", message)
    captioned = _with("image", on, "a1") | {"text": "xem giúp em"}
    yield "user_send_image with a caption", said("user_send_image", captioned)
    app, oa, person = on.app, on.oa, on.person
    yield "user_received_message", received(app, oa, person, message_id="c1")
    yield "user_seen_message", seen(app, oa, person, message_ids=["c1", "c2"])
    hearted = reacted(app, oa, person, message_id="c1", icon="/-heart")
    yield "user_reacted_message", hearted
    yield "user_click_chatnow", clicked_chat_now(app, oa, person)
    yield "follow", follow(app, oa, person, is_over=False)
    for source in ("message_invite", "social_plugin"):
        yield f"follow by {source}", follow(app, oa, person, is_over=False) | {"source": source}
    yield "unfollow", follow(app, oa, person, is_over=True)
    info = ContactData()
    yield "user_submit_info", submitted_info(app, oa, person, info=info.shown())
    older = submitted_info(app, oa, person, info=info.shown_as_before())
    yield "user_submit_info in its older form", older
    yield "user_withdraw", withdrawn(app, oa, person)
    for name in ("user_call_oa", "oa_call_user"):
        yield name, called(app, oa, person, name=name, call_id="call-1")


def _by_oa(on: Subjects) -> Bodies:
    def said(name: str, message: Event) -> Event:
        return from_oa(on.app, on.oa, on.person, name=name, message=message)

    echo = said("oa_send_text", {"msg_id": "c3", "text": "Chào chị"})
    yield "oa_send_text", echo
    by_hand = {"sender": {"id": on.oa.oa_id, "admin_id": on.oa.operator_id}}
    yield "oa_send_text by a human", echo | by_hand
    for number, kind in enumerate(OA_KINDS, start=4):
        yield f"oa_send_{kind}", said(f"oa_send_{kind}", _with(kind, on, f"c{number}"))
    marked = oa_reacted(on.app, on.oa, on.person, message_id="a0", icon="/-strong")
    yield "oa_reacted_message", marked


def _by_visitors(on: Subjects) -> Bodies:
    for build, prefix in ((from_visitor, "anonymous_send"), (to_visitor, "oa_send_anonymous")):
        text: Event = {"msg_id": "d0", "text": "Alo"}
        yield f"{prefix}_text", build(on.app, on.oa, on.visitor, kind="text", message=text)
        for number, kind in enumerate(VISITOR_KINDS, start=1):
            message = _with(kind, on, f"d{number}")
            yield (
                f"{prefix}_{kind}",
                build(on.app, on.oa, on.visitor, kind=kind, message=message),
            )


def _of_account(on: Subjects) -> Bodies:
    yield "permission_revoked", revoked(on.app, on.oa)
    yield "change_oa_daily_quota", daily_quota_changed(on.app, on.oa, before=500, after=2000)
    for events in (
        tag_events(on.app, on.oa, user_id=on.person.user_id),
        template_events(on.app, on.oa, on.person),
        consent_and_trade_events(on.app, on.oa, on.person),
    ):
        yield from events.items()
    unknown: Event = {"app_id": on.app.app_id, "event_name": "oa_new_thing", "x": {"y": [1]}}
    yield "oa_new_thing", unknown | {"oa_id": on.oa.oa_id}


def _of_groups(on: Subjects) -> Bodies:
    told: set[str] = set()
    for names in NAMES:
        for happening in Happening:
            users = () if happening in _NOBODY_CONCERNED else (on.person.user_id,)
            event = group_event(
                happening,
                app_id=on.app.app_id,
                oa_id=on.oa.oa_id,
                group_id=on.group.group_id,
                users=users,
                names=names,
            )
            name = str(event["event_name"])
            if name not in told:
                told.add(name)
                yield name, event
    for sender, prefix in (
        (on.person.user_id, "user_send_group"),
        (on.oa.oa_id, "oa_send_group"),
    ):

        def said(kind: str, message: Event, *, by: str = sender, named: str = prefix) -> Event:
            name = f"{named}_{kind}"
            return in_group(on.app, on.oa, on.group, sender=by, name=name, message=message)

        mention: Event = {"msg_id": "e0", "text": f"Chào [@{on.oa.oa_id}]", "quote_msg_id": "c1"}
        yield f"{prefix}_text", said("text", mention)
        for number, kind in enumerate(USER_KINDS, start=1):
            yield f"{prefix}_{kind}", said(kind, _with(kind, on, f"e{number}"))


CATALOGUE: Final = catalogue(invented_subjects())
