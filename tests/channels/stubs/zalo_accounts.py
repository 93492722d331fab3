"""Who is on the stand-in Zalo: the app, its Official Accounts, people, groups.

All ids are decimal strings above 2^53, so that a client that makes numbers of them is found out.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from tests.channels.stubs.zalo_groups import ZaloAsset, ZaloGroup

APP_LIMIT_PER_MINUTE: Final = 4000
WELCOME_MESSAGES: Final = 3


class PersonBar(StrEnum):
    """Why a person cannot be written to, whatever the window says."""

    NOT_FOLLOWING = "-213"
    REFUSES = "-244"
    BLOCKED_INVITATIONS = "-217"
    CANNOT_RECEIVE_MORE = "-218"
    BANNED_OR_INACTIVE = "-227"


class OaBar(StrEnum):
    """Why an Official Account may not use the API at all."""

    DISABLED = "-204"
    GONE = "-205"
    APP_NOT_ACTIVE = "-209"
    APP_NOT_REGISTERED = "-212"
    APP_REMOVED = "-219"
    UNVERIFIED = "-221"
    NO_PERMISSION = "-223"
    LOW_TIER = "-224"
    WRONG_TYPE = "-235"


class Billing(StrEnum):
    """What happens to a message outside of 48 hours once every quota is used up."""

    PAYS = "pays"
    USED_UP = "-211"
    NOT_LINKED = "-320"
    OUT_OF_MONEY = "-321"


@dataclass(slots=True, kw_only=True)
class ZaloPerson:
    """One person as one OA knows them."""

    user_id: str
    user_id_by_app: str
    name: str
    is_follower: bool = True
    last_interaction_at: datetime | None = None
    welcome_left: int = WELCOME_MESSAGES
    bar: PersonBar | None = None
    bar_until: datetime | None = None
    # What the person filled into the contact form.
    shared: dict[str, object] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    promoted_at: list[datetime] = field(default_factory=list)
    # Runs the OA: may found groups and stands behind the permission page.
    is_oa_admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymousVisitor:
    """Somebody who writes to the OA without being signed in."""

    anonymous_id: str
    conversation_id: str


@dataclass(slots=True, kw_only=True)
class ZaloOa:
    """One Official Account with its people, groups, the assets that carry groups, and quota."""

    oa_id: str
    name: str
    # The human at the OA's own chat tool.
    operator_id: str = "6001234567890123457"
    limit_per_minute: int | None = None
    bar: OaBar | None = None
    # What `getoa` tells otherwise than usual; None leaves a part out.
    about: dict[str, object] = field(default_factory=dict)
    # Bars of single parts of the API by the beginning of their addresses, such as groups.
    barred: dict[str, OaBar] = field(default_factory=dict)
    # What the tier gives each month, and what of it is used up.
    sub_quota: int = 500
    sub_quota_used: int = 0
    sub_quota_month: str = ""
    purchase_quota: int = 0
    billing: Billing = Billing.PAYS
    billed: int = 0
    shows_reply_count: bool = True
    # Some pages tell of -232 in place of -230.
    closed_window_code: int = -230
    people: dict[str, ZaloPerson] = field(default_factory=dict)
    visitors: dict[str, AnonymousVisitor] = field(default_factory=dict)
    groups: dict[str, ZaloGroup] = field(default_factory=dict)
    assets: dict[str, ZaloAsset] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ZaloApp:
    """The developer's app: its secrets, its settings, and the OAs linked to it."""

    app_id: str
    app_secret: str
    webhook_secret: str
    redirect_uri: str = "http://127.0.0.1/zalo/callback"
    limit_per_minute: int | None = APP_LIMIT_PER_MINUTE
    is_active: bool = True
    is_approved: bool = True
    checks_proof: bool = False
    is_outside_vietnam: bool = False
    # For load tests: whoever is written to exists and wrote a moment ago.
    is_open_house: bool = False
    oas: dict[str, ZaloOa] = field(default_factory=dict)


class ZaloIds:
    """Ids of every sort, never the same twice, never fit for a float."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(2_345_678_901_234_567_891, 7_919)
        self._handles: Iterator[int] = itertools.count(0x0F1E2D3C4B5A69788, 0x1F3)
        self._groups: Iterator[int] = itertools.count(0x0A1B2C3D4E5F60718293, 0x2B1)

    def number(self) -> str:
        """Return an id of an app, an OA or a person."""
        return str(next(self._numbers))

    def handle(self) -> str:
        """Return an id of a message or an upload."""
        return f"{next(self._handles):017x}"

    def group(self) -> str:
        """Return an id of a group."""
        return f"{next(self._groups):020x}"
