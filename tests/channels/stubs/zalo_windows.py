"""Whether an OA may write to a person now, and what it costs: 48 hours, 7 days, quotas, nights."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tests.channels.stubs.zalo_accounts import Billing, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import ZaloRefusal
from tests.channels.stubs.zalo_errors import wording
from tests.channels.stubs.zalo_groups import VIETNAM, vietnam_day

FREE: Final = timedelta(hours=48)
REACHABLE: Final = timedelta(days=7)
# Free messages are no longer counted; the number is still shown.
REPLIES_SHOWN: Final = 8
DAY_BEGINS_H: Final = 6
DAY_ENDS_H: Final = 22
PROMOTIONS_PER_DAY: Final = 1
PROMOTIONS_PER_MONTH: Final = 30

Quota = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much of something is left."""

    left: int
    total: int


def admit(oa: ZaloOa, person: ZaloPerson, *, now: datetime) -> Quota | None:
    """Take one message from what `oa` may send and return the quota shown; None if it is billed.

    Raises ZaloRefusal with the person's bar, -213 or -230 without interaction, -211, -320, -321.
    """
    check_bar_of(person, now=now)
    if person.last_interaction_at is None:
        return _welcome(oa, person, now=now)
    if not has_interacted_lately(person, now=now):
        raise _closed(oa)
    if is_free(person, now=now):
        if not oa.shows_reply_count:
            return {"quota_type": "reply"}
        return _quota(
            oa, kind="reply", left=Allowance(left=REPLIES_SHOWN, total=REPLIES_SHOWN), now=now
        )
    return _beyond_free(oa, now=now)


def check_bar_of(person: ZaloPerson, *, now: datetime) -> None:
    """Refuse whoever cannot be written to for a reason of their own."""
    if person.bar_until is not None and now >= person.bar_until:
        person.bar = person.bar_until = None
    if person.bar is not None:
        raise ZaloRefusal(int(person.bar), wording(int(person.bar)))


def has_interacted_lately(person: ZaloPerson, *, now: datetime) -> bool:
    """Tell whether a person did something with the OA in the past seven days."""
    last = person.last_interaction_at
    return last is not None and now - last <= REACHABLE


def is_free(person: ZaloPerson, *, now: datetime) -> bool:
    """Tell whether a message to this person costs nothing now."""
    last = person.last_interaction_at
    return last is not None and now - last <= FREE


def quota_left(oa: ZaloOa, *, now: datetime) -> int:
    """Return what is left of the tier's quota; it begins anew with each month of Vietnam."""
    month = now.astimezone(VIETNAM).strftime("%Y-%m")
    if month != oa.sub_quota_month:
        oa.sub_quota_month, oa.sub_quota_used = month, 0
    return max(0, oa.sub_quota - oa.sub_quota_used)


def month_end(now: datetime) -> str:
    """Return the last day of the month as DD/MM/YYYY."""
    first = now.astimezone(VIETNAM).replace(day=1)
    return vietnam_day((first + timedelta(days=32)).replace(day=1) - timedelta(days=1))


def check_day(now: datetime) -> None:
    """Refuse what may only be sent from 06:00 to 21:59 in Vietnam."""
    if not DAY_BEGINS_H <= now.astimezone(VIETNAM).hour < DAY_ENDS_H:
        raise ZaloRefusal(-234, "Cannot send this message at night, from 22:00 to 06:00")


def promotions_left(person: ZaloPerson, *, now: datetime) -> tuple[Allowance, Allowance]:
    """Return how many promotions a person may still get today and this month."""
    days = [moment.astimezone(VIETNAM) for moment in person.promoted_at]
    here = now.astimezone(VIETNAM)
    this_month = [day for day in days if (day.year, day.month) == (here.year, here.month)]
    today = [day for day in this_month if day.day == here.day]
    return (
        Allowance(left=max(0, PROMOTIONS_PER_DAY - len(today)), total=PROMOTIONS_PER_DAY),
        Allowance(left=max(0, PROMOTIONS_PER_MONTH - len(this_month)), total=PROMOTIONS_PER_MONTH),
    )


def admit_promotion(person: ZaloPerson, *, now: datetime) -> Quota:
    """Count one promotion; ZaloRefusal -234 at night, -213 to no follower, -1472 a second one."""
    check_day(now)
    check_bar_of(person, now=now)
    if not person.is_follower:
        raise ZaloRefusal(-213, "User has not followed OA")
    if not all(allowance.left for allowance in promotions_left(person, now=now)):
        raise ZaloRefusal(-1472, "User has received the maximum number of promotions")
    person.promoted_at.append(now)
    today, _ = promotions_left(person, now=now)
    return {"quota_type": "promotion", "remain": str(today.left), "total": str(today.total)}


def _closed(oa: ZaloOa) -> ZaloRefusal:
    return ZaloRefusal(
        oa.closed_window_code, "User has not interacted with the OA in the past 7 days"
    )


def _welcome(oa: ZaloOa, person: ZaloPerson, *, now: datetime) -> Quota:
    """Take one of the few messages a silent follower may get."""
    if not person.is_follower:
        raise ZaloRefusal(-213, "User has not followed OA")
    if person.welcome_left <= 0:
        raise _closed(oa)
    person.welcome_left -= 1
    left = Allowance(left=person.welcome_left, total=3)
    return _quota(oa, kind="welcome_msg", left=left, now=now)


def _beyond_free(oa: ZaloOa, *, now: datetime) -> Quota | None:
    left = quota_left(oa, now=now)
    if left > 0:
        oa.sub_quota_used += 1
        shown = Allowance(left=left - 1, total=oa.sub_quota)
        return _quota(oa, kind="sub_quota", left=shown, now=now)
    if oa.purchase_quota > 0:
        shown = Allowance(left=oa.purchase_quota - 1, total=oa.purchase_quota)
        oa.purchase_quota -= 1
        return _quota(oa, kind="purchase_quota", left=shown, now=now)
    if oa.billing is Billing.PAYS:
        oa.billed += 1
        return None
    raise ZaloRefusal(int(oa.billing), wording(int(oa.billing)))


def _quota(oa: ZaloOa, *, kind: str, left: Allowance, now: datetime) -> Quota:
    return {
        "quota_type": kind,
        "remain": str(left.left),
        "total": str(left.total),
        "expired_date": month_end(now),
        "owner_type": "OA",
        "owner_id": oa.oa_id,
    }
