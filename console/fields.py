"""Fields that several pages ask for: a unit's contacts, an account, an hour."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.officers import Role
from console.forms import Form, Problem
from console.moments import read_moment

# The placeholders of the content files that only the unit can fill.
CONTACTS: Final = ("duty_phone", "area_officer", "area_phone", "address", "office_hours")
_CONTACT_LONGEST: Final = 200
_FIELD_OF: Final[Mapping[str, str]] = {
    "login_wrong": "login",
    "login_taken": "login",
    "password_short": "password",
    "password_holds_login": "password",
}


def contact_errors(name: str, contacts: Mapping[str, str]) -> dict[str, Problem]:
    """Return what is wrong with a unit's name and contacts, by field."""
    errors: dict[str, Problem] = {}
    if not name:
        errors["name"] = Problem(key="name_missing")
    for key, value in {"name": name, **contacts}.items():
        if len(value) > _CONTACT_LONGEST:
            errors[key] = Problem(key="too_long", values={"longest": _CONTACT_LONGEST})
    return errors


def read_roles(form: Form) -> frozenset[Role]:
    """Return the roles that were ticked."""
    return frozenset(Role(role) for role in form.texts("role") if role in set(Role))


def account_error(broken: RuleBroken) -> dict[str, Problem]:
    """Return which field of an account a broken rule belongs to."""
    problem = Problem(key=broken.key, values=broken.values)
    return {_FIELD_OF.get(broken.key, "login"): problem}


class DueUnreadable(RuleBroken):
    """The hour that was typed is no hour."""

    def __init__(self) -> None:
        super().__init__("due_unreadable")


def read_due(typed: str, *, zone: tzinfo) -> datetime:
    """Return the hour an officer typed. Raise `DueUnreadable`."""
    try:
        return read_moment(typed, zone=zone)
    except ValueError as error:
        raise DueUnreadable from error
