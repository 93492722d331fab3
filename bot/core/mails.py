"""Notices that officers get by e-mail: addresses they confirmed, letters on their way, the port.

A letter says what happened to the program, never what a resident said.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.core.errors import BinhYenError
from bot.core.ids import OfficerId

# RFC 5321: 64 characters before the @, 254 in all. Quoted names and letters beyond ASCII are
# left out; with them goes everything that could end a header or an SMTP command.
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_LONGEST: Final = 254
_LONGEST_NAME: Final = 64


def is_mail_address(text: str) -> bool:
    """Tell whether `text` is one address a letter may be sent to, and nothing else."""
    name = text.partition("@")[0]
    is_short = len(text) <= _LONGEST and len(name) <= _LONGEST_NAME
    return is_short and _ADDRESS.fullmatch(text) is not None


class MailTrouble(StrEnum):
    """Why a letter did not go."""

    NO_CONNECTION = "no_connection"
    NO_ANSWER = "no_answer"  # it did not answer in time, or hung up
    BAD_CERTIFICATE = "bad_certificate"
    NOT_PRIVATE = "not_private"  # it offers no encryption
    SIGN_IN_REFUSED = "sign_in_refused"
    SENDER_REFUSED = "sender_refused"
    LATER = "later"  # it asks to try again later (4xx)
    ADDRESS_REFUSED = "address_refused"  # there is no such address (5xx)
    LETTER_REFUSED = "letter_refused"  # it will never take this letter (5xx)

    @property
    def is_of_letter(self) -> bool:
        """Tell whether it concerns one letter, so that others may still go."""
        return self in {
            MailTrouble.LATER,
            MailTrouble.ADDRESS_REFUSED,
            MailTrouble.LETTER_REFUSED,
        }

    @property
    def is_final(self) -> bool:
        """Tell whether the same letter would be refused again."""
        return self in {MailTrouble.ADDRESS_REFUSED, MailTrouble.LETTER_REFUSED}


class MailNotSent(BinhYenError):
    """A letter did not go. The text quotes neither address nor server nor password."""

    def __init__(self, trouble: MailTrouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where letters are handed over. `is_tls_first`: encrypted from the first byte (SMTPS)."""

    host: str
    port: int
    is_tls_first: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One letter as it is handed over. `id` is the same at every try, so doubles are known."""

    id: str
    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    written_at: datetime


class Mailer(Protocol):
    """Hands letters over to a mail server."""

    async def send(self, mail: Mail) -> None:
        """Return once the server has taken the letter. Raise `MailNotSent`."""
        ...

    async def check(self) -> None:
        """Connect and sign in, and send nothing. Raise `MailNotSent`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerMail:
    """An address an officer named. `sealed` holds it; nothing is told there until confirmed.

    `code` is the keyed pseudonym of what confirms it. `trouble` is why the last letter to it was
    refused, "" if it was not.
    """

    id: str
    officer_id: OfficerId
    sealed: bytes = field(repr=False)
    code: str = field(default="", repr=False)
    trouble: str = ""
    added_at: datetime
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingMail:
    """A letter that was not handed over yet. `sealed` holds its words; the address is apart."""

    id: str
    to_id: str
    sealed: bytes = field(repr=False)
    attempts: int = 0
    not_before: datetime


class Mails(Protocol):
    """Addresses of officers, and letters on their way to them."""

    async def save_address(self, address: OfficerMail) -> None:
        """Insert or replace by id."""
        ...

    async def addresses(self, officer_ids: Collection[OfficerId]) -> list[OfficerMail]:
        """Return their addresses, oldest first."""
        ...

    async def address(self, address_id: str) -> OfficerMail | None:
        """Return the address of that id."""
        ...

    async def remove_address(self, address_id: str) -> None:
        """Forget the address and what waits for it."""
        ...

    async def forget_unconfirmed_before(self, at: datetime) -> int:
        """Forget addresses named before `at` that nobody confirmed; return how many."""
        ...

    async def add(self, mails: Sequence[WaitingMail]) -> None:
        """Store letters to be handed over."""
        ...

    async def claim(
        self, limit: int, *, now: datetime, lease_until: datetime
    ) -> list[WaitingMail]:
        """Take the earliest due letters; nobody else gets them before the lease runs out.

        `attempts` counts this one.
        """
        ...

    async def save(self, mail: WaitingMail) -> None:
        """Replace a letter; one that was removed meanwhile stays away."""
        ...

    async def remove(self, mail_id: str) -> None:
        """Forget a letter."""
        ...

    async def waiting(self) -> int:
        """Return how many letters wait."""
        ...
