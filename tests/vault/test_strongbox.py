"""Files locked with a passphrase: read as they were written, and nothing else."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sealing import SealBroken, WrongPassword
from bot.vault.slow import CHEAP_COST
from bot.vault.strongbox import MAGIC, LockingWriter, UnlockingReader

WORDS = "bốn từ ghép lại dễ nhớ"
PIECE = 64 * 1024
HEAD = len(MAGIC) + 16 + 24


def locked(content: bytes, *, step: int = 100_000, passphrase: str = WORDS) -> bytes:
    target = io.BytesIO()
    writer = LockingWriter(target, passphrase, cost=CHEAP_COST)
    for place in range(0, len(content), step):
        writer.write(content[place : place + step])
    writer.close()
    return target.getvalue()


def unlocked(content: bytes, *, passphrase: str = WORDS) -> bytes:
    return UnlockingReader(io.BytesIO(content), passphrase, cost=CHEAP_COST).read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7])
def test_what_was_locked_is_read_again(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert unlocked(locked(content)) == content
    assert unlocked(locked(content, step=PIECE)) == content


def test_nothing_of_the_content_or_the_passphrase_stands_in_the_file() -> None:
    file = locked(b"tin bao kin" * 100)
    assert b"tin bao" not in file
    assert WORDS.encode() not in file
    assert locked(b"x") != locked(b"x")


def test_another_passphrase_does_not_open() -> None:
    with pytest.raises(WrongPassword):
        unlocked(locked(b"x"), passphrase="another")


def test_a_file_that_was_cut_is_refused_wherever_it_was_cut() -> None:
    file = locked(bytes(3 * PIECE))
    for length in (0, 5, HEAD - 1, HEAD, HEAD + PIECE + 17, len(file) - 1, len(file) - 17):
        with pytest.raises((SealBroken, WrongPassword)):
            unlocked(file[:length])


def test_pieces_that_were_swapped_or_doubled_are_refused() -> None:
    file = locked(bytes(3 * PIECE + 5))
    step = PIECE + 17
    head, one, two, rest = (
        file[:HEAD],
        file[HEAD : HEAD + step],
        file[HEAD + step : HEAD + 2 * step],
        file[HEAD + 2 * step :],
    )
    for changed in (head + two + one + rest, head + one + one + two + rest, file + b"x"):
        with pytest.raises((SealBroken, WrongPassword)):
            unlocked(changed)


@settings(deadline=None)
@given(place=st.integers(0, 400), bit=st.integers(0, 7))
def test_every_changed_bit_is_refused(place: int, bit: int) -> None:
    file = bytearray(locked(bytes(300)))
    file[place % len(file)] ^= 1 << bit
    with pytest.raises((SealBroken, WrongPassword)):
        unlocked(bytes(file))
