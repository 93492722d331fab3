"""The web channel behind the port of all channels: sending is putting a letter into a mailbox.

What comes in arrives over the pages of `routes`; no platform stands between.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.channels.web.doorbells import Doorbells
from bot.channels.web.said import LONGEST_WORD
from bot.core.channels import (
    Capabilities,
    ChannelKind,
    Finding,
    GroupDesk,
    Pace,
    Receive,
    WebhookRequest,
)
from bot.core.errors import BadBody, MediaRefused, StorageTrouble
from bot.core.ids import ChannelId
from bot.core.languages import Language
from bot.core.messages import Address, Incoming, Media, Outgoing, with_numbered_choices
from bot.core.sending import MessageRefused, PlatformTrouble
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.envelopes import Envelopes
from content.sentences import Voice

CAPABILITIES: Final = Capabilities(
    text_limit=4000,
    buttons=40,
    pictures=True,
    groups=False,
    # Our own disk is the platform; this only keeps a large announcement from taking all of it.
    pace=Pace(per_s=500.0),
)
SENTENCES: Final = ("web_works",)


class WebChannel:
    """Fits `bot.core.channels.Channel`."""

    webhook_path: None = None
    refusal_status: int = 403
    kind = ChannelKind.WEB
    capabilities = CAPABILITIES

    def __init__(
        self,
        channel_id: ChannelId,
        *,
        storage: Storage,
        envelopes: Envelopes,
        clock: Clock,
        doorbells: Doorbells,
        say: Voice,
    ) -> None:
        self.id = channel_id
        self._storage = storage
        self._envelopes = envelopes
        self._clock = clock
        self._doorbells = doorbells
        self._say = say

    def parse(self, request: WebhookRequest) -> Sequence[Incoming]:  # noqa: ARG002 - of the port
        """Refuse: nobody posts webhooks to this channel. Raise `BadBody`."""
        raise BadBody("the web channel has no webhook")

    async def send(self, to: Address, message: Outgoing) -> tuple[str, ...]:
        """Put a letter into the mailbox, durably; return its number there.

        Raise `MessageRefused` for a message without words, `PlatformTrouble` if the mailbox
        cannot be written.
        """
        if not message.text.strip():
            raise MessageRefused("a message needs words")
        message = _tappable(message)
        mailbox = self._envelopes.conversation(to.channel_id, to.chat)
        letter = self._envelopes.letter(mailbox, message)
        try:
            async with self._storage.begin() as work:
                number = await work.mailboxes.put(
                    mailbox, letter, is_secret=message.is_secret, at=self._clock.now()
                )
                await work.commit()
        except StorageTrouble as error:
            raise PlatformTrouble("the mailbox could not be written") from error
        self._doorbells.ring(mailbox)
        return (str(number),)

    def echoes(self, to: Address, message: Outgoing) -> Sequence[str]:  # noqa: ARG002 - same
        """Return nothing: what stands in a mailbox does not come back."""
        return ()

    async def fetch(self, media: Media) -> bytes:  # noqa: ARG002 - same
        """Refuse: pages send words only. Raise `MediaRefused`."""
        raise MediaRefused("the web channel brings no media")

    @property
    def groups(self) -> GroupDesk | None:
        """Return None: a page has one reader."""
        return None

    async def answer_tap(self, tap_id: str) -> None:
        """Do nothing: the page needs no answer."""

    async def check(self) -> Sequence[Finding]:
        """Say that there is nothing outside this program that could fail."""
        return [Finding(is_well=True, what=self._say("web_works", Language.VI))]

    async def run(self, receive: Receive) -> None:
        """Return at once: the pages bring what happens."""

    async def retire(self) -> None:
        """Do nothing: there is nobody else to tell."""

    async def close(self) -> None:
        """Do nothing: the doorbells belong to the pages, which the server closes."""


def _tappable(message: Outgoing) -> Outgoing:
    """Return the message with numbered lines if a word is longer than a tap sends back."""
    if all(len(choice.word) <= LONGEST_WORD for choice in message.choices):
        return message
    return replace(message, text=with_numbered_choices(message), choices=())
