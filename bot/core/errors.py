"""What can go wrong, named for what happened. Each says what comes next.

BinhYenError
├── NotFound            no such thing, or not yours to see
├── RuleBroken          the act is not allowed; carries the sentence to answer with
│   └── UnlawfulMove    a state cannot become that state
├── WebhookRefused      a platform's request is not to be believed or read
│   ├── NotForMe        another account of the same app may know it
│   ├── BadSignature
│   └── BadBody
├── LocatorTaken        two receipts began alike; make another
├── MediaRefused        what came with a message is too large, too slow, or not where it may be
├── StorageTrouble      the database cannot be used; the message says why and what to do
└── SendError           see `bot.core.sending`
"""

from collections.abc import Collection


class BinhYenError(Exception):
    """The root of every error this program raises on purpose."""


class NotFound(BinhYenError):
    """There is no such thing, or the one who asks may not see it."""


class RuleBroken(BinhYenError):
    """An act is not allowed. `key` names the sentence that explains it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


class UnlawfulMove(RuleBroken):
    """A thing in one state cannot move to another."""

    def __init__(self, noun: str, was: str, to: str) -> None:
        super().__init__("unlawful_move", noun=noun, was=was, to=to)


class WebhookRefused(BinhYenError):
    """A platform's request is not accepted. The text names no one and quotes nothing of it."""


class NotForMe(WebhookRefused):
    """The request belongs to another account that shares this address.

    `meant`: the platform's ids among which that account's is.
    """

    def __init__(self, text: str = "", *, meant: Collection[str] = ()) -> None:
        super().__init__(text)
        self.meant = frozenset(meant)


class BadSignature(WebhookRefused):
    """The request's signature or secret is missing, wrong or too old."""


class BadBody(WebhookRefused):
    """The request cannot be read as what it claims to be."""


class LocatorTaken(BinhYenError):
    """A receipt's public third is already used by another tip; make another receipt."""


class MediaRefused(BinhYenError):
    """Something that came with a message is not fetched: size, time, place or kind forbid it."""


class StorageTrouble(BinhYenError):
    """The database cannot be used: the text says why and what to do about it."""


class BackupUnusable(BinhYenError):
    """A backup cannot be made, read or put back; the text says why and what to do."""
