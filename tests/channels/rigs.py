"""What the contract of all channels needs of each: an adapter, its platform, and how to break it.

A new channel is one class that fits `Rig` (`PlatformRig` if a platform stands behind it) and one
row in `tests.channels.test_contract`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.channels import Channel, WebhookRequest
from bot.core.messages import Address, Incoming
from bot.core.sending import Reason, SendError
from tests.channels.stand_ins import MemoryAttachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message on the person's screen. `has_file`: a picture or a file came with it."""

    text: str
    buttons: tuple[str, ...] = ()
    has_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCase:
    """The platform behaves as `happens` makes it; the send ends as `raises` with `reason`."""

    id: str
    happens: Callable[[Any], object]
    raises: type[SendError]
    reason: Reason


class Rig(Protocol):
    """One channel, ready to use, and one person on the other side."""

    @property
    def channel(self) -> Channel: ...
    @property
    def address(self) -> Address:
        """Return the chat of a person who may be written to."""
        ...

    def shown(self) -> Sequence[Shown]:
        """Return what reached the person, oldest first."""
        ...

    async def person_writes(self, text: str) -> Incoming:
        """Return what comes in when the person writes."""
        ...

    async def person_taps(self, button: str) -> Incoming:
        """Return what comes in when the person taps a button of the last message."""
        ...

    def complaints(self) -> Sequence[object]:
        """Return the platform's rules that were broken, and scripted troubles left over."""
        ...


class PlatformRig(Rig, Protocol):
    """A channel of somebody else's platform, which posts webhooks and can fail."""

    @property
    def stub(self) -> object:
        """Return the platform, for failure cases."""
        ...

    @property
    def attachments(self) -> MemoryAttachments:
        """Return where the adapter finds what goes out with messages."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """Return what may stand in no log and no repr."""
        ...

    @property
    def payloads(self) -> Sequence[bytes]:
        """Return bodies of real shape."""
        ...

    async def posted(self, text: str) -> WebhookRequest:
        """Return what the platform posts when the person writes."""
        ...

    def signed(self, body: bytes) -> WebhookRequest:
        """Return `body` as a request the adapter believes."""
        ...

    def forgeries(self, request: WebhookRequest) -> Sequence[WebhookRequest]:
        """Return versions of `request` that must not be believed."""
        ...

    async def vanish(self) -> None:
        """Take the platform off the net."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RigRow:
    """One channel in the contract."""

    id: str
    open: Callable[[], AbstractAsyncContextManager[Rig]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRow:
    """One channel of a platform; `failures` is every way it can refuse a message."""

    id: str
    open: Callable[[], AbstractAsyncContextManager[PlatformRig]]
    failures: Sequence[FailureCase]
