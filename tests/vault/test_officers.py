import unicodedata

import pytest

from bot.core.sealing import SealBroken, WrongPassword
from bot.vault.errors import KeyUnusable
from bot.vault.officers import OfficerKeys, Passwords
from bot.vault.slow import CHEAP_COST, Argon2Cost, SlowWork
from bot.vault.vault import Vault

PRIVATE = bytes(range(32))
# Written once by this program; locks of older versions must stay readable.
KNOWN_LOCK = bytes.fromhex(
    "01010000000801d377b29dc8dc32326adad1bd7820d5342c9eb5a903740b9eb39fd48c7c1a743042"
    "398fe2ef5fd74a93561b53495fc92e3530e5422f4e31b9d21f8adb7eda699020e026d483c70a8a11"
    "bd6b8348e6702b7da580c454ade59d"
)
DEARER = Argon2Cost(passes=2, memory_kib=16, lanes=2)


def test_pairs_are_fresh_and_belong_together(vault: Vault) -> None:
    pair = vault.officers.new_pair()
    assert vault.officers.public_of(pair.private) == pair.public
    assert pair != vault.officers.new_pair()


def test_the_public_half_is_that_of_rfc_7748(vault: Vault) -> None:
    # Section 5.2: the first of the iterated steps, X25519(9, 9).
    public = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
    assert vault.officers.public_of(b"\x09" + bytes(31)).hex() == public


async def test_a_lock_opens_with_its_password(vault: Vault) -> None:
    locked = await vault.officers.lock(PRIVATE, "mật khẩu")
    assert await vault.officers.unlock(locked, "mật khẩu") == PRIVATE


async def test_a_lock_of_an_older_program_still_opens(vault: Vault) -> None:
    assert await vault.officers.unlock(KNOWN_LOCK, "mật khẩu") == PRIVATE


async def test_a_wrong_password_does_not_open_a_lock(vault: Vault) -> None:
    locked = await vault.officers.lock(PRIVATE, "right")
    with pytest.raises(WrongPassword):
        await vault.officers.unlock(locked, "Right")


async def test_two_ways_of_typing_a_letter_are_one_password(vault: Vault) -> None:
    composed, apart = (unicodedata.normalize(form, "Cảnh sát ở đây") for form in ("NFC", "NFD"))
    locked = await vault.officers.lock(PRIVATE, composed)
    assert await vault.officers.unlock(locked, apart) == PRIVATE
    assert await vault.passwords.verify(await vault.passwords.hash(apart), composed)


async def test_half_a_surrogate_pair_is_a_password_like_another(vault: Vault) -> None:
    hashed = await vault.passwords.hash("\ud83d")
    assert await vault.passwords.verify(hashed, "\ud83d")


async def test_equal_locks_never_look_equal(vault: Vault) -> None:
    assert await vault.officers.lock(PRIVATE, "x") != await vault.officers.lock(PRIVATE, "x")


async def test_a_lock_opens_after_the_costs_were_raised(slow: SlowWork) -> None:
    locked = await OfficerKeys(slow=slow, cost=CHEAP_COST).lock(PRIVATE, "x")
    assert await OfficerKeys(slow=slow, cost=DEARER).unlock(locked, "x") == PRIVATE


async def test_changing_any_byte_breaks_a_lock(vault: Vault) -> None:
    locked = await vault.officers.lock(PRIVATE, "x")
    for place in range(len(locked)):
        changed = bytearray(locked)
        changed[place] ^= 2
        with pytest.raises((WrongPassword, SealBroken)):
            await vault.officers.unlock(bytes(changed), "x")


@pytest.mark.parametrize(
    "costs",
    [
        b"\x00\x00\x00\x00\x08\x01",
        b"\xff\x00\x00\x00\x08\x01",
        b"\x01\xff\xff\xff\xff\x01",
        b"\x01\x00\x00\x00\x07\x01",
        b"\x01\x00\x00\x08\x00\xff",
        b"\x01\x00\x00\x00\x08\x00",
    ],
    ids=["no passes", "many passes", "huge memory", "no memory", "many lanes", "no lanes"],
)
async def test_a_lock_cannot_ask_for_absurd_costs(vault: Vault, costs: bytes) -> None:
    locked = await vault.officers.lock(PRIVATE, "x")
    with pytest.raises(SealBroken, match="cost"):
        await vault.officers.unlock(locked[:1] + costs + locked[7:], "x")


@pytest.mark.parametrize("locked", [b"", b"\x01", b"\x02" * 95, b"\x01" * 96])
async def test_what_is_no_lock_is_refused(vault: Vault, locked: bytes) -> None:
    with pytest.raises(SealBroken, match="not a lock"):
        await vault.officers.unlock(locked, "x")


async def test_only_whole_keys_are_locked(vault: Vault) -> None:
    with pytest.raises(KeyUnusable):
        await vault.officers.lock(PRIVATE[:31], "x")


async def test_a_password_fits_its_hash_only(vault: Vault) -> None:
    hashed = await vault.passwords.hash("right")
    assert await vault.passwords.verify(hashed, "right")
    assert not await vault.passwords.verify(hashed, "wrong")
    assert not await vault.passwords.verify(hashed, "")


async def test_no_password_fits_an_unknown_login(vault: Vault) -> None:
    assert not await vault.passwords.verify(None, "any")


async def test_a_hash_shows_the_algorithm_and_costs(slow: SlowWork) -> None:
    hashed = await Passwords(slow=slow, cost=DEARER).hash("x")
    assert hashed.startswith("$argon2id$v=19$m=16,t=2,p=2$")


async def test_a_hash_of_other_costs_is_to_be_renewed(vault: Vault, slow: SlowWork) -> None:
    dearer = Passwords(slow=slow, cost=DEARER)
    hashed = await vault.passwords.hash("x")
    assert not vault.passwords.needs_rehash(hashed)
    assert dearer.needs_rehash(hashed)
    assert await dearer.verify(hashed, "x")


@pytest.mark.parametrize("hashed", ["", "md5$x", "$argon2id$v=19$m=8,t=1,p=1$!$!"])
async def test_a_stored_hash_that_is_none_is_reported(vault: Vault, hashed: str) -> None:
    with pytest.raises(SealBroken, match="stored password hash"):
        await vault.passwords.verify(hashed, "x")


def test_a_stored_text_that_is_no_hash_cannot_be_judged(vault: Vault) -> None:
    with pytest.raises(SealBroken, match="stored password hash"):
        vault.passwords.needs_rehash("md5$x")
