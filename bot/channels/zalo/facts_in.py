"""What Zalo's events tell besides words: forms filled in, changes of groups and of the account."""

import re
from typing import Final

import msgspec

from bot.channels.zalo.bodies import Event, part_of, words_of
from bot.channels.zalo.catalogue import ACCOUNT_EVENTS, GROUP_EVENTS, LEAVING
from bot.core.messages import AccountChange, AccountEvent, Contact, GroupChange, GroupEvent
from bot.core.text import clean

_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_WITH_COUNTRY: Final = re.compile(r"\+?84([0-9]{9,10})")


class Told(msgspec.Struct):
    """What a form holds, in today's shape and in the older one. Age and sex are not wanted."""

    name: msgspec.Raw = msgspec.Raw()
    phone: msgspec.Raw = msgspec.Raw()
    full_address: msgspec.Raw = msgspec.Raw()
    address: msgspec.Raw = msgspec.Raw()
    ward: msgspec.Raw = msgspec.Raw()
    district: msgspec.Raw = msgspec.Raw()
    city: msgspec.Raw = msgspec.Raw()


class FullAddress(msgspec.Struct):
    """An address in today's shape."""

    user_address: msgspec.Raw = msgspec.Raw()
    user_ward: msgspec.Raw = msgspec.Raw()
    user_city: msgspec.Raw = msgspec.Raw()


class Quota(msgspec.Struct):
    """What may be sent in a day, before and now."""

    prev_value: msgspec.Raw = msgspec.Raw()
    new_value: msgspec.Raw = msgspec.Raw()


def contact_of(event: Event) -> Contact:
    """Return what somebody wrote into the form; what cannot be read is empty."""
    told = part_of(event.info, Told) or Told()
    full = part_of(told.full_address, FullAddress) or FullAddress()
    today = (full.user_address, full.user_ward, full.user_city)
    before = (told.address, told.ward, told.district, told.city)
    address = [line for raw in (*today, *before) if (line := clean(words_of(raw)))]
    return Contact(
        name=clean(words_of(told.name)),
        phone=_dialled(clean(words_of(told.phone))),
        address=", ".join(address),
    )


def group_change_of(event: Event, *, oa_id: str) -> GroupChange:
    """Return what happened to a group. Who came or went is not kept."""
    change = GROUP_EVENTS[event.event_name]
    if event.event_name in LEAVING and oa_id in event.concerned:
        change = GroupEvent.REMOVED
    return GroupChange(event=change, name=clean(words_of(event.group_name)))


def account_change_of(event: Event) -> AccountChange:
    """Return what happened to the account; the note holds numbers only."""
    change = ACCOUNT_EVENTS[event.event_name]
    if change is not AccountEvent.QUOTA:
        return AccountChange(event=change)
    quota = part_of(event.quota, Quota) or Quota()
    told = [words_of(quota.prev_value), words_of(quota.new_value)]
    numbers = [number for number in told if _NUMBER.fullmatch(number)]
    return AccountChange(event=change, note=" → ".join(numbers))


def _dialled(phone: str) -> str:
    """Return a number as it is dialled at home: 84900000000 as 0900000000."""
    found = _WITH_COUNTRY.fullmatch(phone.replace(" ", ""))
    return f"0{found[1]}" if found else phone
