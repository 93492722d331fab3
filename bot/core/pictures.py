"""What the rooms need of the cleaning of pictures. How it is done is in `bot.vault.cleaning`."""

from typing import Final, Protocol

from bot.core.errors import RuleBroken

# What the narrowest platform (Zalo) takes, whichever way it counts a megabyte.
PICTURE_MOST_BYTES: Final = 1_000_000


class PictureUnreadable(RuleBroken):
    """What was handed in is no whole JPEG or PNG picture, or takes too long to read."""

    def __init__(self) -> None:
        super().__init__("picture_unreadable")


class PictureTooLarge(RuleBroken):
    """The picture has more points than anybody needs, or would not fit into memory."""

    def __init__(self) -> None:
        super().__init__("picture_too_large")


class PictureCleaning(Protocol):
    """Makes a new picture of the points of an old one, so that nothing else comes along."""

    async def clean(self, body: bytes) -> bytes:
        """Return a JPEG of at most `PICTURE_MOST_BYTES`, upright and without metadata.

        Raise `PictureUnreadable`, `PictureTooLarge`.
        """
        ...
