"""How an account stands with Zalo: its package, what of its quotas is left, how fast it may send.

The newest figures come with answers to sends and are kept here; the rest is asked for when
somebody checks the account. Nothing is refused because of them: Zalo itself says no.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from bot.channels.zalo.account import Say
from bot.channels.zalo.api import OaApi
from bot.channels.zalo.calls import Answer
from bot.channels.zalo.checking import PROFILE_PATH
from bot.channels.zalo.days import ZALO_ZONE, Told, day_of, number_of
from bot.channels.zalo.explaining import explained
from bot.channels.zalo.pace import CallPace
from bot.core.channels import Finding
from bot.core.languages import Language
from bot.core.sending import SendError
from bot.core.time import Clock

QUOTA_PATH: Final = "/v3.0/oa/quota/message"
# What pays for messages to people who last wrote more than 48 hours ago, in this order.
PAYING: Final = ("sub_quota", "purchase_quota", "reward_quota")
PACKAGE_ENDS_WITHIN: Final = timedelta(days=30)

_PROFILE_KEPT: Final = timedelta(days=1)
# A refusal for want of money this old says nothing of today.
_REFUSAL_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many messages of one kind are left, of how many, and until when."""

    left: int
    total: int
    until: date | None = None


class _Profile(msgspec.Struct):
    is_verified: bool | None = None
    oa_type: Told = None
    avatar: str | None = ""
    package_name: str | None = ""
    package_valid_through_date: Told = ""
    package_auto_renew_date: Told = ""


class _Quota(msgspec.Struct):
    quota_type: str | None = ""
    remain: Told = None
    total: Told = None
    expired_date: Told = ""
    valid_through: Told = ""


class _Sent(msgspec.Struct):
    message_id: str | int = ""
    quota: _Quota | None = None


_SENT: Final = msgspec.json.Decoder(_Sent)
_PROFILE: Final = msgspec.json.Decoder(_Profile)
_QUOTAS: Final = msgspec.json.Decoder(list[_Quota])


class Standing:
    """What is known of one account beyond its token."""

    def __init__(self, *, api: OaApi, pace: CallPace, clock: Clock, say: Say) -> None:
        self._api = api
        self._pace = pace
        self._clock = clock
        self._say = say
        self._quotas: dict[str, Quota] = {}
        self._profile = _Profile()
        self._profile_until: datetime | None = None
        self._unpaid: tuple[int, datetime] | None = None
        self._uploads_ended_at: datetime | None = None

    @property
    def quotas(self) -> dict[str, Quota]:
        """Return the newest figures by Zalo's name of the quota."""
        return dict(self._quotas)

    @property
    def paid_left(self) -> int | None:
        """Return how many messages the quotas still pay for, None if Zalo has not said."""
        known = [self._quotas[kind] for kind in PAYING if kind in self._quotas]
        return sum(one.left for one in known) if known else None

    def take(self, data: bytes) -> str:
        """Return the id in the answer to a send, keeping what it tells of a quota."""
        try:
            sent = _SENT.decode(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return ""
        if sent.quota is not None:
            self._keep(sent.quota)
        return str(sent.message_id)

    def note_unpaid(self, code: int) -> None:
        """Note that a message was refused because nothing pays for it."""
        self._unpaid = code, self._clock.now()

    def note_uploads_ended(self) -> None:
        """Note that this month's uploads are used up."""
        self._uploads_ended_at = self._clock.now()

    async def picture_url(self) -> str:
        """Return the address of the account's picture, "" if there is none. Raises nothing."""
        now = self._clock.now()
        if self._profile_until is None or now >= self._profile_until:
            self._profile_until = now + _PROFILE_KEPT
            try:
                answer = await self._api.get(PROFILE_PATH)
            except SendError:
                # Asked again with the next form.
                self._profile_until = None
                return ""
            self._profile = _read_profile(answer)
        url = self._profile.avatar or ""
        return url if url.startswith("https://") else ""

    async def findings(self, answer: Answer) -> Sequence[Finding]:
        """Return what a check says, `answer` being what Zalo says of the account."""
        self._profile = _read_profile(answer)
        self._profile_until = self._clock.now() + _PROFILE_KEPT
        parts: Sequence[Callable[[], Sequence[Finding]]] = (
            self._of_kind,
            self._of_package,
            self._of_quota,
            self._of_refusals,
            self._of_pace,
        )
        await self._ask_quotas()
        return [finding for part in parts for finding in part()]

    async def _ask_quotas(self) -> None:
        """Take up what is left of each quota; what cannot be asked stays as it was."""
        for kind in PAYING:
            asked = {"quota_owner": "OA", "product_type": "cs", "quota_type": kind}
            try:
                answer = await self._api.ask(QUOTA_PATH, asked)
                rows = _QUOTAS.decode(answer.data) if answer.code == 0 else []
            except SendError:
                return
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                continue
            if rows:
                self._keep_sum(kind, rows)

    def _keep(self, told: _Quota) -> None:
        # Free messages are told without figures, or with some that mean nothing.
        if told.quota_type in PAYING and told.remain is not None:
            self._keep_sum(told.quota_type, [told])

    def _keep_sum(self, kind: str, rows: Sequence[_Quota]) -> None:
        """Keep one figure of all the portions of a quota, until the first of them ends."""
        days = [day for row in rows if (day := day_of(row.valid_through or row.expired_date))]
        self._quotas[kind] = Quota(
            left=sum(number_of(row.remain) for row in rows),
            total=sum(number_of(row.total) for row in rows),
            until=min(days, default=None),
        )

    def _of_kind(self) -> Sequence[Finding]:
        if self._profile.is_verified is False:
            fix = self._words("zalo_unverified_fix")
            return [Finding(is_well=False, what=self._words("zalo_unverified"), fix=fix)]
        return []

    def _of_package(self) -> Sequence[Finding]:
        name, ends_on = (
            self._profile.package_name,
            day_of(self._profile.package_valid_through_date),
        )
        if not name:
            return []
        if ends_on is None:
            return [Finding(is_well=True, what=self._words("zalo_package", package=name))]
        day = f"{ends_on:%d/%m/%Y}"
        what = self._words("zalo_package_until", package=name, day=day)
        today = self._clock.now().astimezone(ZALO_ZONE).date()
        renews = day_of(self._profile.package_auto_renew_date) is not None
        if ends_on >= today and (renews or ends_on - today > PACKAGE_ENDS_WITHIN):
            return [Finding(is_well=True, what=what)]
        return [Finding(is_well=False, what=what, fix=self._words("zalo_package_fix"))]

    def _of_quota(self) -> Sequence[Finding]:
        known = [self._quotas[kind] for kind in PAYING if kind in self._quotas]
        if not known:
            return []
        left, total = sum(one.left for one in known), sum(one.total for one in known)
        if left:
            return [Finding(is_well=True, what=self._words("zalo_quota", left=left, total=total))]
        what = self._words("zalo_quota_ended", total=total)
        return [Finding(is_well=False, what=what, fix=self._words("zalo_quota_fix"))]

    def _of_refusals(self) -> Sequence[Finding]:
        now = self._clock.now()
        found = []
        if self._unpaid is not None and now - self._unpaid[1] < _REFUSAL_KEPT:
            fix = explained(self._unpaid[0], self._say)
            found.append(Finding(is_well=False, what=self._words("zalo_unpaid"), fix=fix))
        if self._uploads_ended_at is not None and _month(self._uploads_ended_at) == _month(now):
            fix = self._words("zalo_uploads_fix")
            found.append(Finding(is_well=False, what=self._words("zalo_uploads"), fix=fix))
        return found

    def _of_pace(self) -> Sequence[Finding]:
        if self._pace.calls_a_minute is None:
            return []
        a_minute = int(self._pace.per_s * 60)
        what = self._words("zalo_pace", limit=self._pace.calls_a_minute, pace=a_minute)
        return [Finding(is_well=True, what=what)]

    def _words(self, key: str, **values: str | int) -> str:
        return self._say(key, Language.VI, **values)


def _read_profile(answer: Answer) -> _Profile:
    try:
        return _PROFILE.decode(answer.data) if answer.code == 0 else _Profile()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _Profile()


def _month(at: datetime) -> str:
    return f"{at.astimezone(ZALO_ZONE):%Y-%m}"
