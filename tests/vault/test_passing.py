import multiprocessing
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sealing import KeyGone, SealBroken
from bot.vault.errors import KeyFileUnusable
from bot.vault.passing import PassingSeal
from tests.vault.still_clock import StillClock

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
# Written once by this program; what older versions sealed must stay readable.
KNOWN_KEY = bytes(range(32))
KNOWN_SEAL = bytes.fromhex(
    "01000b4a66ec0372905a84301943d1bbd1f65ac3d02d6b2f96726618eebe5c97e493995c9910216e"
    "25643365ebead9e3afd62d5c0bdd235436a330de89063a4d848114471a097ea407fc28693d7eb3da"
    "e336e6857c80da1bac0a20a22f51d8a7eca9c54ff01b4aa5f24797238ab1f19567281cdcb46a34bd"
    "aa16865cff43a4e3a0e42282f87806b39fae075e45bc38a9881b205de1c05c52ac26160b29837730"
    "ba7a61d3f05cee6fde1c0221514b0ed14e32a745c97096b6b80fe57f04ecf2fe6f3e78a44f410a6d"
    "fe84068e63826d1e90a57f0e2483387c317053fea726e3caa13345e901349567d2448d8e136c44e6"
    "3276560a2272ae06e4a5b91402b4db4d243e046da311813daab0107222377d4937b542ab7d144d75"
    "0eb0f89bfb7c55f37cdae1952ee543c2009ec7f3c8"
)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "passing"


@pytest.fixture
def seal(folder: Path, clock: StillClock) -> PassingSeal:
    return PassingSeal(folder, clock=clock)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> PassingSeal:
    return PassingSeal(tmp_path_factory.mktemp("passing"), clock=StillClock())


@settings(deadline=None)
@given(plain=st.binary(max_size=2000), purpose=st.text(max_size=20), about=st.binary(max_size=40))
def test_what_was_sealed_opens_again(
    *, shared: PassingSeal, plain: bytes, purpose: str, about: bytes
) -> None:
    sealed = shared.seal(purpose, plain, about=about)
    assert shared.open(purpose, sealed, about=about) == plain


def test_a_seal_of_an_older_program_still_opens(folder: Path, clock: StillClock) -> None:
    folder.mkdir(parents=True)
    (folder / "2026-11-22.key").write_bytes(KNOWN_KEY)
    seal = PassingSeal(folder, clock=clock)
    assert seal.open("inbox", KNOWN_SEAL, about=b"17") == "cháy nhà".encode()


def test_the_plain_text_does_not_show(seal: PassingSeal) -> None:
    assert b"secret" not in seal.seal("inbox", b"secret" * 50)


def test_the_same_text_never_looks_the_same_twice(seal: PassingSeal) -> None:
    assert seal.seal("inbox", b"x") != seal.seal("inbox", b"x")


def test_lengths_move_in_steps_of_256_bytes(seal: PassingSeal) -> None:
    sizes = {len(seal.seal("inbox", bytes(size))) for size in range(256)}
    assert len(sizes) == 1
    assert {len(seal.seal("inbox", bytes(256))) - sizes.pop()} == {256}


def test_changing_any_byte_breaks_the_seal(seal: PassingSeal) -> None:
    sealed = seal.seal("inbox", b"body", about=b"17")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises((SealBroken, KeyGone)):
            seal.open("inbox", bytes(changed), about=b"17")


def test_every_cut_and_every_addition_breaks_the_seal(seal: PassingSeal) -> None:
    sealed = seal.seal("inbox", b"body")
    for changed in [*(sealed[:end] for end in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SealBroken):
            seal.open("inbox", changed)


@pytest.mark.parametrize(
    ("purpose", "about"),
    [("outbox", b"17"), ("inbox", b"18"), ("inbox", b""), ("inbox1", b"7"), ("", b"inbox17")],
)
def test_a_seal_moved_elsewhere_does_not_open(
    seal: PassingSeal, purpose: str, about: bytes
) -> None:
    sealed = seal.seal("inbox", b"body", about=b"17")
    with pytest.raises(SealBroken):
        seal.open(purpose, sealed, about=about)


def test_another_installation_cannot_open_it(
    seal: PassingSeal, tmp_path: Path, clock: StillClock
) -> None:
    other = PassingSeal(tmp_path / "other", clock=clock)
    other.seal("inbox", b"makes its own key of today")
    with pytest.raises(SealBroken):
        other.open("inbox", seal.seal("inbox", b"body"))


def test_each_day_has_a_key_of_its_own(seal: PassingSeal, folder: Path, clock: StillClock) -> None:
    first = seal.seal("inbox", b"first")
    clock.advance(DAY)
    second = seal.seal("inbox", b"second")
    assert seal.days() == [TODAY, TODAY + DAY]
    keys = {path.read_bytes() for path in folder.iterdir()}
    assert len(keys) == 2
    assert [seal.open("inbox", sealed) for sealed in (first, second)] == [b"first", b"second"]


def test_a_destroyed_day_stays_shut_and_the_others_open(
    seal: PassingSeal, folder: Path, clock: StillClock
) -> None:
    old = seal.seal("inbox", b"old")
    clock.advance(DAY)
    young = seal.seal("inbox", b"young")
    assert seal.destroy_before(TODAY + DAY) == [TODAY]
    assert not (folder / "2026-11-22.key").exists()
    assert seal.days() == [TODAY + DAY]
    with pytest.raises(KeyGone, match="2026-11-22"):
        seal.open("inbox", old)
    assert seal.open("inbox", young) == b"young"


def test_a_destroyed_key_is_overwritten_before_it_is_removed(
    *, seal: PassingSeal, folder: Path, clock: StillClock, tmp_path: Path
) -> None:
    seal.seal("inbox", b"old")
    (tmp_path / "second name").hardlink_to(folder / "2026-11-22.key")
    clock.advance(DAY)
    seal.destroy_before(TODAY + DAY)
    assert (tmp_path / "second name").read_bytes() == bytes(32)


def test_destroying_twice_finds_nothing_more(seal: PassingSeal, clock: StillClock) -> None:
    seal.seal("inbox", b"old")
    clock.advance(DAY)
    seal.destroy_before(TODAY + DAY)
    assert seal.destroy_before(TODAY + DAY) == []


def test_a_day_that_is_not_over_is_not_destroyed(seal: PassingSeal) -> None:
    sealed = seal.seal("inbox", b"today")
    assert seal.destroy_before(TODAY) == []
    with pytest.raises(ValueError, match="not over"):
        seal.destroy_before(TODAY + DAY)
    assert seal.open("inbox", sealed) == b"today"


def test_a_process_that_did_not_destroy_the_key_learns_that_it_is_gone(
    seal: PassingSeal, folder: Path, clock: StillClock
) -> None:
    old = seal.seal("inbox", b"old")
    clock.advance(DAY)
    seal.destroy_before(TODAY + DAY)
    with pytest.raises(KeyGone):
        PassingSeal(folder, clock=clock).open("inbox", old)


def test_opening_never_makes_a_key(folder: Path, seal: PassingSeal) -> None:
    sealed = seal.seal("inbox", b"x")
    (folder / "2026-11-22.key").unlink()
    with pytest.raises(KeyGone):
        PassingSeal(folder, clock=StillClock()).open("inbox", sealed)
    assert seal.days() == []


def test_files_and_folder_are_closed_to_others(seal: PassingSeal, folder: Path) -> None:
    seal.seal("inbox", b"x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_a_key_file_open_to_others_is_closed_when_it_is_read(
    seal: PassingSeal, folder: Path, clock: StillClock
) -> None:
    sealed = seal.seal("inbox", b"x")
    key_file = folder / "2026-11-22.key"
    key_file.chmod(0o644)
    PassingSeal(folder, clock=clock).open("inbox", sealed)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_other_files_in_the_folder_are_left_alone(
    seal: PassingSeal, folder: Path, clock: StillClock
) -> None:
    seal.seal("inbox", b"x")
    for name in ("README", "yesterday.key", "2026-11-01.txt"):
        (folder / name).touch()
    clock.advance(DAY)
    assert seal.destroy_before(TODAY + DAY) == [TODAY]
    assert len(list(folder.iterdir())) == 3


def test_what_a_killed_process_left_half_written_is_no_key(
    seal: PassingSeal, folder: Path
) -> None:
    (folder / ".2026-11-22.key.new").write_bytes(b"half")
    assert seal.open("inbox", seal.seal("inbox", b"x")) == b"x"
    assert [path.name for path in folder.iterdir()] == ["2026-11-22.key"]


def test_a_damaged_key_file_says_what_to_do(folder: Path, seal: PassingSeal) -> None:
    (folder / "2026-11-22.key").write_bytes(b"short")
    with pytest.raises(KeyFileUnusable, match=r"5 bytes instead of 32.*backup"):
        seal.seal("inbox", b"x")


def test_a_folder_that_is_a_file_says_what_to_do(tmp_path: Path, clock: StillClock) -> None:
    (tmp_path / "passing").touch()
    with pytest.raises(KeyFileUnusable, match="0700"):
        PassingSeal(tmp_path / "passing", clock=clock)


def test_a_folder_that_vanished_says_what_to_do(seal: PassingSeal, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(KeyFileUnusable, match="cannot be used"):
        seal.days()


def test_many_threads_agree_on_one_key(folder: Path, clock: StillClock) -> None:
    seals = [PassingSeal(folder, clock=clock) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda seal: seal.seal("inbox", b"x"), seals))
    assert [seals[0].open("inbox", one) for one in sealed] == [b"x"] * 8


def _sealed_over_there(folder: Path) -> bytes:
    return PassingSeal(folder, clock=StillClock()).seal("inbox", b"from afar")


def test_many_processes_agree_on_one_key(folder: Path, clock: StillClock) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sealed = [*pool.map(_sealed_over_there, [folder] * 4), _sealed_over_there(folder)]
    opener = PassingSeal(folder, clock=clock)
    assert [opener.open("inbox", one) for one in sealed] == [b"from afar"] * 5
