import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt

from bot.core.sealing import SealBroken
from bot.vault import sealing
from bot.vault.errors import KeyUnusable

KEY = bytes(range(32))
parts = st.lists(st.binary(max_size=6), max_size=5)


@settings(deadline=None)
@given(one=parts, two=parts)
def test_no_two_lists_look_alike(one: list[bytes], two: list[bytes]) -> None:
    assert (sealing.listed(*one) == sealing.listed(*two)) == (one == two)


@settings(deadline=None)
@given(plain=st.binary(max_size=3000))
def test_padding_comes_off_again(plain: bytes) -> None:
    by_steps, by_doubling = sealing.padded_by_steps(plain), sealing.padded_by_doubling(plain)
    assert sealing.unpadded(by_steps) == sealing.unpadded(by_doubling) == plain
    assert len(by_steps) % 256 == 0
    assert len(by_doubling) in {1024, 2048, 4096}


@pytest.mark.parametrize("padded", [b"", bytes(256), b"\x01" * 256], ids=["none", "zeros", "ones"])
def test_what_is_not_padded_is_refused(padded: bytes) -> None:
    with pytest.raises(SealBroken, match="padding"):
        sealing.unpadded(padded)


def test_the_cipher_is_that_of_the_draft() -> None:
    # draft-irtf-cfrg-xchacha-03, appendix A.3.1: the first bytes of the ciphertext and the tag.
    text = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
        b" future, sunscreen would be it."
    )
    key, nonce = bytes(range(0x80, 0xA0)), bytes(range(0x40, 0x58))
    bound_to = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    box = nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(text, bound_to, nonce, key)
    assert box[24:].hex().startswith("bd6d179d3e83d43b9576579493c0e939")
    assert box[-16:].hex() == "c0875924c1c7987947deafd8780acf49"
    assert sealing.unboxed(key, box, bound_to) == text


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(KeyUnusable, match=f"{size} bytes instead of 32"):
        sealing.boxed(bytes(size), b"", b"")
