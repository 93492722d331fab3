"""What every dialogue is, and the small things they all say."""

from typing import Final, Protocol

from bot.core.dialogues import Step
from bot.core.messages import Choice, Code, Outgoing
from bot.core.turns import Handled, Turn

# Words behind buttons of a dialogue begin so; nobody types them by accident.
MARK: Final = "~"


class Dialogue(Protocol):
    """Something that takes several turns. `name` is what a saved step calls it by."""

    @property
    def name(self) -> str:
        """Return the name in saved steps."""
        ...

    async def start(self, turn: Turn, argument: str = "") -> Handled:
        """Begin, with the code that was typed after the word, if any."""
        ...

    async def proceed(self, turn: Turn, said: str) -> Handled:
        """Go on from `turn.step` with what was said: a text, or a word of ours (`~…`)."""
        ...

    async def back(self, turn: Turn) -> Handled:
        """Ask the question before this one again."""
        ...

    async def skip(self, turn: Turn) -> Handled:
        """Go on without an answer, if the question allows it."""
        ...


def says(text: str, *choices: Choice, is_secret: bool = False) -> Outgoing:
    """Return one message."""
    return Outgoing(text=text.strip(), choices=choices, is_secret=is_secret)


def shows_receipt(text: str, *choices: Choice, receipt: str, label: str) -> Outgoing:
    """Return the message that shows a receipt, this once: as text and as QR code."""
    code = Code(content=receipt, label=label.strip())
    return Outgoing(text=text.strip(), choices=choices, is_secret=True, code=code)


def ends(*replies: Outgoing) -> Handled:
    """Return a turn that leaves no step behind."""
    return Handled(replies=replies, step=Step())


def stays(turn: Turn, *replies: Outgoing) -> Handled:
    """Return a turn that leaves the conversation where it stood."""
    return Handled(replies=replies, step=turn.step)
