"""Whether an OA may write to a person now, and what it costs: 48 hours, 7 days, quotas."""

from datetime import datetime, timedelta
from typing import Final

from tests.channels.stubs.zalo_accounts import BAR_TEXTS, Billing, ZaloOa, ZaloPerson
from tests.channels.stubs.zalo_answers import ZaloRefusal

FREE: Final = timedelta(hours=48)
REACHABLE: Final = timedelta(days=7)
SUB_QUOTA_TOTAL: Final = 500

Quota = dict[str, object]


def admit(oa: ZaloOa, person: ZaloPerson, *, now: datetime) -> Quota | None:
    """Take one message from what `oa` may send and return the quota shown; None if it is billed.

    Raises ZaloRefusal with the person's bar, -213 or -230 without interaction, -211, -320, -321.
    """
    if person.bar is not None:
        raise ZaloRefusal(int(person.bar), BAR_TEXTS[person.bar])
    if person.last_interaction_at is None:
        return _welcome(oa, person)
    silent_for = now - person.last_interaction_at
    if silent_for > REACHABLE:
        raise ZaloRefusal(-230, "User has not interacted with the OA in the past 7 days")
    if silent_for <= FREE:
        return _quota(oa, kind="reply", remain=8, total=8)
    return _beyond_free(oa)


def has_interacted_lately(person: ZaloPerson, *, now: datetime) -> bool:
    """Tell whether a person did something with the OA in the past seven days."""
    last = person.last_interaction_at
    return last is not None and now - last <= REACHABLE


def _welcome(oa: ZaloOa, person: ZaloPerson) -> Quota:
    """Take one of the few messages a silent follower may get."""
    if not person.is_follower:
        raise ZaloRefusal(-213, "User has not followed OA")
    if person.welcome_left <= 0:
        raise ZaloRefusal(-230, "User has not interacted with the OA in the past 7 days")
    person.welcome_left -= 1
    return _quota(oa, kind="welcome_msg", remain=person.welcome_left, total=3)


def _beyond_free(oa: ZaloOa) -> Quota | None:
    if oa.sub_quota > 0:
        oa.sub_quota -= 1
        return _quota(oa, kind="sub_quota", remain=oa.sub_quota, total=SUB_QUOTA_TOTAL)
    if oa.purchase_quota > 0:
        oa.purchase_quota -= 1
        return _quota(
            oa, kind="purchase_quota", remain=oa.purchase_quota, total=oa.purchase_quota + 1
        )
    if oa.billing is Billing.PAYS:
        return None
    raise ZaloRefusal(int(oa.billing), BAR_TEXTS[oa.billing])


def _quota(oa: ZaloOa, *, kind: str, remain: int, total: int) -> Quota:
    return {
        "quota_type": kind,
        "remain": str(remain),
        "total": str(total),
        "expired_date": "31/12/2026",
        "owner_type": "OA",
        "owner_id": oa.oa_id,
    }
