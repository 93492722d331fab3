"""What a file of the corpus is, where its secrets come from, and the pictures it is made of."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

# Text is looked for in every encoding, bytes as they are.
Secret = str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file. `hidden` must be in it, and nowhere in what is made of it."""

    format: str
    place: str
    body: bytes = field(repr=False)
    hidden: tuple[Secret, ...] = field(repr=False)
    is_cleanable: bool = True

    @property
    def name(self) -> str:
        return f"{self.format}: {self.place}"


class Chest:
    """Gives out secrets, always the same for a seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._given = 0

    def text(self) -> str:
        """Return a word of 20 letters that stands nowhere else."""
        return "nc" + self._next()[:18]

    def noise(self, length: int = 24) -> bytes:
        """Return bytes that stand nowhere else."""
        return hashlib.shake_256(self._next().encode()).digest(length)

    def _next(self) -> str:
        self._given += 1
        return hashlib.sha256(f"{self._seed} {self._given}".encode()).hexdigest()


Maker = Callable[[Chest], Iterator[Case]]


def painted(size: tuple[int, int] = (96, 64), mode: str = "RGB") -> Image.Image:
    """Return a picture with some shape in it."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    image.paste("red", (0, 0, size[0] // 3, size[1] // 3))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:  # noqa: ANN401 - for the encoder
    """Return a picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()
