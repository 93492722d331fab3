"""What an account must be: the login, the password, and what is asked for a new one."""

from dataclasses import dataclass, field
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.ids import UnitId
from bot.core.officers import Role

SHORTEST_PASSWORD: Final = 12
LONGEST_LOGIN: Final = 60
_LONGEST_PASSWORD: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOfficer:
    """What is needed to add an officer."""

    login: str
    name: str
    password: str = field(repr=False)
    unit_id: UnitId
    roles: frozenset[Role]


def as_login(typed: str) -> str:
    """Return the login as it is kept: capitals and spaces around do not count."""
    return typed.strip().casefold()


def checked_login(typed: str) -> str:
    """Return the login as it is kept. Raise `RuleBroken` if it may not be one."""
    login = as_login(typed)
    if not login or len(login) > LONGEST_LOGIN or any(mark.isspace() for mark in login):
        raise RuleBroken("login_wrong")
    return login


def check_password(password: str, *, login: str) -> None:
    """Raise `RuleBroken` for a password that is too short, too long, or tells the login."""
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise RuleBroken("password_short", shortest=SHORTEST_PASSWORD)
    kept = as_login(login)
    if kept and kept in password.casefold():
        raise RuleBroken("password_holds_login")
