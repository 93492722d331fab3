"""Valid nouns for the tests of storage, each with one thing changed at a time."""
# ruff: noqa: ANN401  # the changes are whatever fields the noun has

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.core.announcements import Announcement, AnnouncementState
from bot.core.audience import Selection
from bot.core.channels import ChannelAccount, ChannelKind
from bot.core.deliveries import Lane, Reply
from bot.core.groups import Group
from bot.core.ids import (
    AnnouncementId,
    ChannelId,
    ConversationKey,
    GroupId,
    HouseholdId,
    KeyHolderId,
    OfficerId,
    PersonId,
    TipId,
    UnitId,
)
from bot.core.inbox import Arrival
from bot.core.officers import HolderKind, KeyHolder, Officer, Role
from bot.core.people import Person
from bot.core.storage import Storage, Work
from bot.core.tips import RecordKind, Tip, TipCategory, TipRecord
from bot.core.units import Household, Unit, UnitKind

NOON: Final = datetime(2026, 11, 22, 5, 0, 0, 123456, tzinfo=UTC)
# All that is kept of when something done was done for a resident.
HOUR: Final = NOON.replace(microsecond=0)
MINUTE: Final = timedelta(minutes=1)
COMMUNE: Final = UnitId("commune")
HAMLET: Final = UnitId("hamlet")
WEB: Final = ChannelId("web")
ZALO: Final = ChannelId("zalo")
OFFICER: Final = OfficerId("officer")
NEWS: Final = AnnouncementId("news")


def unit(name: str = COMMUNE, **changes: Any) -> Unit:
    values = {
        "kind": UnitKind.COMMUNE,
        "code": f"C-{name}",
        "join_code": f"J-{name}",
        "name": name,
    }
    return Unit(**{"id": UnitId(name), **values, **changes})


def household(name: str, **changes: Any) -> Household:
    values = {"unit_id": HAMLET, "code": f"H-{name}", "join_code": f"HJ-{name}"}
    return Household(**{"id": HouseholdId(name), **values, **changes})


def person(name: str, **changes: Any) -> Person:
    values = {"channel_id": WEB, "chat": f"chat-{name}", "unit_id": HAMLET, "consent": "v1"}
    return Person(**{"id": PersonId(name), "joined_at": NOON, **values, **changes})


def group(name: str = "group", **changes: Any) -> Group:
    values = {"channel_id": ZALO, "chat": f"chat-{name}", "name": f"Nhóm {name}"}
    return Group(**{"id": GroupId(name), "seen_at": NOON, **values, **changes})


def channel(name: str = WEB, **changes: Any) -> ChannelAccount:
    values = {"kind": ChannelKind.WEB, "unit_id": COMMUNE, "name": name, "settings": {"mode": "x"}}
    sealed = {"sealed_credentials": b"\x00sealed", "added_at": NOON}
    return ChannelAccount(**{"id": ChannelId(name), **values, **sealed, **changes})


def officer(name: str = OFFICER, **changes: Any) -> Officer:
    values = {"login": name, "name": "Invented", "unit_id": COMMUNE, "password_hash": "argon"}
    roles = {"roles": frozenset({Role.ADMIN, Role.MODERATOR}), "added_at": NOON}
    return Officer(**{"id": OfficerId(name), **values, **roles, **changes})


def holder(name: str = "holder", **changes: Any) -> KeyHolder:
    values = {"kind": HolderKind.RECOVERY, "unit_id": COMMUNE, "public_key": bytes(32)}
    return KeyHolder(**{"id": KeyHolderId(name), **values, **changes})


def announcement(name: str = NEWS, **changes: Any) -> Announcement:
    values = {"unit_id": COMMUNE, "title": "Họp tổ", "text": "Mời bà con", "slug": f"s-{name}"}
    sending = {"state": AnnouncementState.SENDING, "started_at": NOON, "written_at": NOON}
    return Announcement(**{"id": AnnouncementId(name), **values, **sending, **changes})


def tip(name: str = "tip", **changes: Any) -> Tip:
    values = {
        "unit_id": COMMUNE,
        "sealed_for": COMMUNE,
        "reference": "T-1",
        "category": TipCategory.FIRE,
    }
    moments = {"received_at": NOON, "visible_at": NOON, "moved_at": NOON}
    receipt = {"locator": f"L-{name}", "receipt_salt": b"salt", "receipt_hash": b"hash"}
    return Tip(**{"id": TipId(name), **values, **moments, **receipt, **changes})


def record(tip_id: str = "tip", sequence: int = 0, **changes: Any) -> TipRecord:
    values = {"kind": RecordKind.REPORT, "sealed": b"sealed", "at": NOON}
    return TipRecord(**{"tip_id": TipId(tip_id), "sequence": sequence, **values, **changes})


def arrival(event: str, conversation: str = "talk", **changes: Any) -> Arrival:
    values = {"channel_id": WEB, "sealed": b"sealed words", "arrived_at": NOON}
    key = ConversationKey(conversation)
    return Arrival(**{"event_id": event, "conversation": key, **values, **changes})


def reply(conversation: str = "talk", **changes: Any) -> Reply:
    values = {
        "channel_id": WEB,
        "conversation": ConversationKey(conversation),
        "sealed": b"answer",
    }
    return Reply(**{**values, **changes})


async def freeze(work: Work, name: str = NEWS, **changes: Any) -> int:
    """Make the rows of an announcement; return how many recipients it has then."""
    ways = {"lane": Lane.ORDINARY, "at": NOON, "after": "", "most": 10_000, "stopped": None}
    given = {way: changes.pop(way, usual) for way, usual in ways.items()}
    chosen = Selection(**{"unit_ids": frozenset({HAMLET}), **changes})
    await work.deliveries.freeze(AnnouncementId(name), chosen, **given)
    return (await work.deliveries.tally(AnnouncementId(name))).recipients


async def freeze_amendment(work: Work, name: str, amends: AnnouncementId, **changes: Any) -> int:
    """Make the rows of an amendment; return how many recipients it has then."""
    ways = {"lane": Lane.ORDINARY, "at": NOON, "most": 10_000, **changes}
    await work.deliveries.freeze_amendment(AnnouncementId(name), amends=amends, **ways)
    return (await work.deliveries.tally(AnnouncementId(name))).recipients


async def settle(store: Storage) -> None:
    """Store a commune with one hamlet, two channels and an officer."""
    async with store.begin() as work:
        await work.units.save(unit())
        await work.units.save(unit(HAMLET, parent_id=COMMUNE, kind=UnitKind.NEIGHBOURHOOD))
        await work.channels.save(channel(WEB))
        await work.channels.save(channel(ZALO, kind=ChannelKind.ZALO))
        await work.officers.save(officer())
        await work.commit()
