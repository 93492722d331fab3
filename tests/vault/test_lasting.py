import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sealing import SealBroken
from bot.vault.errors import KeyFileUnusable
from bot.vault.lasting import LastingSeal

# Written once by this program; what older versions sealed must stay readable.
KNOWN_KEY = bytes(range(32))
KNOWN_SEAL = bytes.fromhex(
    "01da4eeb945d514022271e973c048469d9dca615b677f86b4e7b8414508e83bc1f3f8a65abacf61c"
    "b0cae18c51f0a2f6a76af2b2f779a4fee1be3d21ddbeb85f0bce999650a39b72166c5ce58a0cabfa"
    "3f769d1c396c96fc2ee240dbdf5bad3e5a96276674cfda1ffa823dc64c46c06a69a70cc08eb02882"
    "a5164e1034836f52ff16615dbfe5be497e61eca2efd0899f95ad4505d2d6988384a4e6e67207f1f2"
    "f65950ab8a6fdc1e04cf3778b8311d6f7ba9f019fb59b907ee51e4a36c221673448e9f76c4948e3b"
    "7d013ddeb72aaa592007a5a23415c0b4d9c94ad0f3b09ccc7683744b0eb0a7e4931052e669f10bdc"
    "8b2344cb55815a2be1e222c732a40770ba29f60413df433fead700a4df9941d57f89c0084ef88688"
    "484297f65b5f1e6467f25b94b9f719781b"
)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "lasting.key"


@pytest.fixture
def seal(key_file: Path) -> LastingSeal:
    return LastingSeal(key_file)


@pytest.fixture
def known(tmp_path: Path) -> LastingSeal:
    path = tmp_path / "known.key"
    path.write_bytes(KNOWN_KEY)
    return LastingSeal(path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> LastingSeal:
    return LastingSeal(tmp_path_factory.mktemp("keys") / "lasting.key")


@settings(deadline=None)
@given(plain=st.binary(max_size=2000), purpose=st.text(max_size=20), about=st.binary(max_size=40))
def test_what_was_sealed_opens_again(
    *, shared: LastingSeal, plain: bytes, purpose: str, about: bytes
) -> None:
    sealed = shared.seal(purpose, plain, about=about)
    assert shared.open(purpose, sealed, about=about) == plain


def test_it_opens_after_a_restart(seal: LastingSeal, key_file: Path) -> None:
    sealed = seal.seal("channel", b"token")
    assert LastingSeal(key_file).open("channel", sealed) == b"token"


def test_a_seal_of_an_older_program_still_opens(known: LastingSeal) -> None:
    assert known.open("channel", KNOWN_SEAL, about=b"c1") == "khóa".encode()


def test_changing_any_byte_breaks_the_seal(seal: LastingSeal) -> None:
    sealed = seal.seal("channel", b"token", about=b"c1")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x80
        with pytest.raises(SealBroken):
            seal.open("channel", bytes(changed), about=b"c1")


def test_every_cut_breaks_the_seal(seal: LastingSeal) -> None:
    sealed = seal.seal("channel", b"token")
    for end in range(len(sealed)):
        with pytest.raises(SealBroken):
            seal.open("channel", sealed[:end])


@pytest.mark.parametrize(
    ("purpose", "about"), [("mailbox", b"c1"), ("channel", b"c2"), ("channel", b""), ("", b"c1")]
)
def test_a_seal_moved_elsewhere_does_not_open(
    seal: LastingSeal, purpose: str, about: bytes
) -> None:
    sealed = seal.seal("channel", b"token", about=b"c1")
    with pytest.raises(SealBroken):
        seal.open(purpose, sealed, about=about)


def test_another_key_does_not_open_it(seal: LastingSeal, known: LastingSeal) -> None:
    with pytest.raises(SealBroken):
        known.open("channel", seal.seal("channel", b"token"))


def test_a_pseudonym_is_the_keyed_hash_it_is_said_to_be(known: LastingSeal) -> None:
    sub_key = hashlib.blake2b(
        b"telegram", key=KNOWN_KEY, person=b"binhyen.naming", digest_size=32
    ).digest()
    expected = hashlib.blake2b(b"4711", key=sub_key, digest_size=16).hexdigest()
    assert known.pseudonym("telegram", "4711") == expected


@settings(deadline=None)
@given(value=st.text(max_size=60))
def test_a_pseudonym_is_32_hex_characters_and_always_the_same(
    shared: LastingSeal, value: str
) -> None:
    name = shared.pseudonym("zalo", value)
    assert name == shared.pseudonym("zalo", value)
    assert len(bytes.fromhex(name)) == 16


def test_pseudonyms_of_two_purposes_values_or_keys_differ(
    seal: LastingSeal, known: LastingSeal
) -> None:
    names = {
        seal.pseudonym("zalo", "1"),
        seal.pseudonym("zalo", "2"),
        seal.pseudonym("telegram", "1"),
        known.pseudonym("zalo", "1"),
    }
    assert len(names) == 4


def test_the_fingerprint_tells_keys_apart(
    seal: LastingSeal, known: LastingSeal, key_file: Path
) -> None:
    assert seal.fingerprint == LastingSeal(key_file).fingerprint
    assert seal.fingerprint != known.fingerprint
    assert len(known.fingerprint) == 16


def test_the_key_file_is_closed_to_others(seal: LastingSeal, key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_file_of_the_wrong_size_says_what_to_do(tmp_path: Path, size: int) -> None:
    path = tmp_path / "lasting.key"
    path.write_bytes(bytes(size))
    with pytest.raises(KeyFileUnusable, match=f"{size} bytes instead of 32.*backup") as caught:
        LastingSeal(path)
    assert caught.value.path == path


def test_a_key_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "lasting.key"
    path.mkdir()
    with pytest.raises(KeyFileUnusable, match=r"cannot be read.*chown"):
        LastingSeal(path)


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "keys").touch()
    with pytest.raises(KeyFileUnusable, match="0700"):
        LastingSeal(tmp_path / "keys" / "lasting.key")
