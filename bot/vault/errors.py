"""What can go wrong with keys themselves. What other rooms may meet is in `bot.core.sealing`.

    BinhYenError
    ├── KeyUnusable          a key of the wrong size or kind was handed in
    ├── KeyFileUnusable      a key file or its folder cannot be used; says what to do
    └── PaperMistyped        what was typed from paper (see `bot.core.sealing`)
        └── RecoveryTextWrong    says what is wrong, and in which groups

No text of these errors quotes a key, a password or what was sealed.
"""

from pathlib import Path

from bot.core.errors import BinhYenError
from bot.core.sealing import PaperMistyped


class KeyUnusable(BinhYenError):
    """A key that was handed in has the wrong size or kind."""


class KeyFileUnusable(BinhYenError):
    """A key file or its folder cannot be used. The text says what to do.

    `path` is the file or folder, `fault` what is wrong with it, `remedy` the next step.
    """

    def __init__(self, path: Path, fault: str, remedy: str) -> None:
        super().__init__(f"{path}: {fault}. {remedy}")
        self.path = path
        self.fault = fault
        self.remedy = remedy


class RecoveryTextWrong(PaperMistyped):
    """A typed recovery key has mistakes."""
