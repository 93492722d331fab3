"""What was learned of topics: `topic_weights.bin`, written by the set-up.

Reads and writes the file; how the numbers are found and what they mean is up to
`bot.services.answers`. They lie packed one behind the other, as a processor has them: so they are
there as soon as the file is read, and take no more memory than it.
"""

import hashlib
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = "topic_weights.bin"
_WHOLE: Final = "H"
_REAL: Final = "f"
_MARK: Final = "Q"
_MARK_BYTES: Final = 8


class TopicWeights(msgspec.Struct, frozen=True, kw_only=True):
    """What tells topics apart, by number of a topic, an answer, a feature, an example.

    `learned_from` is the fingerprint of what it was learned from. `answers` are pairs of a topic
    and one of its answers, sorted; `known` the folded words that messages are read by. What is
    packed is, as whole numbers:

    - `features`: the mark of each (`mark_of`), in order; those with weights, then the others;
    - `rows`: weights in hundredths, one for each topic, of the first features; others have none;
    - `seen`: in how many examples each feature was seen;
    - `places`: the examples with the first feature, those with the second …;
    - `labels`: the answer that each example stands for;
    - `tellers`: for how many answers each feature speaks within their topics;
    - `told`: the answers the first feature speaks for, those of the second …;
    - `telling`: how much it does, in hundredths;

    and as real numbers `lengths`, the length of each example in the space of features, and
    `others`, what each answer has for every word that its topic knows.
    """

    learned_from: str = ""
    byte_order: str = sys.byteorder
    topics: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = ()
    features: bytes = b""
    rows: bytes = b""
    seen: bytes = b""
    places: bytes = b""
    labels: bytes = b""
    lengths: bytes = b""
    tellers: bytes = b""
    told: bytes = b""
    telling: bytes = b""
    others: bytes = b""

    def is_whole(self) -> bool:
        """Tell whether the parts belong together. Raise `TypeError` for half a number."""
        return (
            len(whole(self.rows)) <= len(self.topics) * len(marks(self.features))
            and len(whole(self.seen)) == len(marks(self.features))
            and len(whole(self.places)) == sum(whole(self.seen))
            and len(whole(self.labels)) == len(real(self.lengths))
            and len(whole(self.tellers)) == len(whole(self.seen))
            and len(whole(self.told)) == len(whole(self.telling)) == sum(whole(self.tellers))
            and len(real(self.others)) == len(self.answers)
        )


def read_topic_weights(folder: Path) -> TopicWeights:
    """Return what the file in `folder` holds; nothing learned if it is not there or not whole.

    Whoever finds nothing learns anew, which takes a second: no reason to refuse a start.
    """
    try:
        found = msgspec.msgpack.decode((folder / FILE).read_bytes(), type=TopicWeights)
        is_whole = found.is_whole()
    except (OSError, msgspec.DecodeError, TypeError):
        return TopicWeights()
    # Numbers of another kind of machine say nothing here.
    return found if is_whole and found.byte_order == sys.byteorder else TopicWeights()


def write_topic_weights(folder: Path, weights: TopicWeights) -> Path:
    """Write the file in `folder` and return its path."""
    path = folder / FILE
    path.write_bytes(msgspec.msgpack.encode(weights))
    return path


def mark_of(feature: str) -> int:
    """Return a number for `feature`, so large that no two of the same number are ever met.

    A list of words takes ten times the memory of their marks.
    """
    digest = hashlib.blake2b(feature.encode(), digest_size=_MARK_BYTES).digest()
    return int.from_bytes(digest, "little")


def packed_marks(marks: Iterable[int]) -> bytes:
    """Return marks packed."""
    return array(_MARK, marks).tobytes()


def marks(packed: bytes) -> "memoryview[int]":
    """Return a look at packed marks. Raise `TypeError` for part of a mark."""
    return memoryview(packed).cast(_MARK)


def packed_whole(numbers: Iterable[int]) -> bytes:
    """Return whole numbers from 0 to 65,535 packed. Raise `OverflowError` for others."""
    return array(_WHOLE, numbers).tobytes()


def packed_real(numbers: Iterable[float]) -> bytes:
    """Return real numbers packed, in single precision."""
    return array(_REAL, numbers).tobytes()


def whole(packed: bytes) -> "memoryview[int]":
    """Return a look at packed whole numbers. Raise `TypeError` for half a number."""
    return memoryview(packed).cast(_WHOLE)


def real(packed: bytes) -> "memoryview[float]":
    """Return a look at packed real numbers. Raise `TypeError` for half a number."""
    return memoryview(packed).cast(_REAL)
