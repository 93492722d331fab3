"""What is noted before a message goes out, so that its echo is known again.

A platform that has echoes sends a copy of what the account said, whoever said it: us, or an
officer in the platform's own tool. Only a note of ours tells the two apart.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.core.channels import Channel
from bot.core.messages import Outgoing
from bot.core.slips import Slip, SlipKind
from bot.delivery.tray import Mail, Ready

# The last of a platform's repeats of an echo comes within two hours.
ECHO_KEPT: Final = timedelta(hours=2, minutes=5)
# The first repeats come after 30 s and 5 minutes more.
ECHO_SOON: Final = timedelta(minutes=10)


class EchoSlips:
    """Writes the slips for one channel."""

    def __init__(self, channel: Channel, mail: Mail) -> None:
        """`mail` gives the pseudonyms that the slips are kept under."""
        self._channel = channel
        self._mail = mail

    def slips(self, going: Sequence[Ready], *, now: datetime) -> list[Slip]:
        """Return what tells that an echo is of one of those `going` out; none without echoes."""
        if not self._channel.capabilities.echoes:
            return []
        return [*self._of_texts(going, now), *self._of_chats(going, now)]

    def _of_texts(self, going: Sequence[Ready], now: datetime) -> Iterator[Slip]:
        for one in going:
            for mark in self._marks(one):
                yield Slip(
                    kind=SlipKind.ECHO,
                    key=f"{mark}:{one.delivery.id}",
                    holder=mark,
                    body=str(one.delivery.id).encode(),
                    until=now + ECHO_KEPT,
                )

    def _marks(self, one: Ready) -> set[str]:
        texts = self._channel.echoes(one.to, one.message)
        return {self._mail.echo_mark(one.to, text) for text in texts}

    def _of_chats(self, going: Sequence[Ready], now: datetime) -> Iterator[Slip]:
        """Return what tells that something of ours is going to a chat, but not what.

        What is more than words may come back without them, and Zalo promises nowhere that words
        come back as they went.
        """
        chats = {self._mail.echo_mark(one.to, ""): _is_more(one.message) for one in going}
        for mark, is_more in chats.items():
            yield Slip(
                kind=SlipKind.ECHO,
                key=mark if is_more else f"{mark}:soon",
                until=now + (ECHO_KEPT if is_more else ECHO_SOON),
            )


def _is_more(message: Outgoing) -> bool:
    """Tell whether a message is more than words."""
    return bool(message.choices or message.attachment or message.asks_contact)
