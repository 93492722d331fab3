"""What the decoders make of pictures of any shape, of damaged ones, and behind shut doors."""

import io
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.core.pictures import PICTURE_MOST_BYTES
from bot.vault.bare_jpeg import is_bare
from bot.vault.cleaning import MOST_FILES
from bot.vault.scrubbing import pages, pictures
from bot.vault.scrubbing.formats import Format
from bot.vault.scrubbing.pictures import MOST_BYTES, scrubbed
from tests.pictures import CAMERA, opened, photograph, picture


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    seed=st.binary(min_size=1, max_size=64),
    kind=st.sampled_from(["JPEG", "PNG"]),
)
def test_whatever_is_cleaned_fits(width: int, height: int, seed: bytes, kind: str) -> None:
    points = (seed * (width * height * 3 // len(seed) + 1))[: width * height * 3]
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), points).save(out, kind)
    clean = scrubbed(out.getvalue(), Format(kind))
    assert 0 < len(clean) <= MOST_BYTES
    shape = opened(clean).size
    assert max(shape) <= 20 * min(shape)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 10_000), rubbish=st.binary(max_size=40), keep=st.integers(0, 10_000))
def test_a_damaged_picture_is_cleaned_or_refused(at: int, rubbish: bytes, keep: int) -> None:
    whole = photograph()
    at %= len(whole)
    damaged = whole[:at] + rubbish + whole[at + len(rubbish) :]
    body = damaged[: len(damaged) - keep % 200]
    try:
        clean = scrubbed(body, Format.JPEG)
    except Exception:  # noqa: BLE001 - refusing it, for whatever reason, is one of the two
        return
    assert 0 < len(clean) <= MOST_BYTES
    assert CAMERA.encode() not in clean


@pytest.mark.parametrize("side", [1_200, 3_200])
def test_noise_which_hardly_shrinks_fits_too(side: int) -> None:
    drops = Image.effect_noise((side, side), 200).convert("RGB")
    out = io.BytesIO()
    drops.save(out, "JPEG", quality=98)
    assert len(out.getvalue()) > MOST_BYTES
    assert len(scrubbed(out.getvalue(), Format.JPEG)) <= MOST_BYTES


def test_both_sides_mean_the_same_sizes() -> None:
    assert (pictures.MOST_BYTES, pages.MOST_PAGES) == (PICTURE_MOST_BYTES, MOST_FILES)


# --- what is looked at once more -------------------------------------------------------------

BARE = picture((300, 200))


def test_a_picture_alone_is_bare() -> None:
    assert is_bare(BARE)
    assert is_bare(picture((300, 200), progressive=True))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(BARE + b"x", id="a byte behind the end"),
        pytest.param(BARE[:-1], id="no end"),
        pytest.param(BARE[:300], id="no scan"),
        pytest.param(BARE + BARE, id="two"),
        pytest.param(photograph(), id="a photograph"),
        pytest.param(picture(comment=b"seen by nobody"), id="a comment"),
        pytest.param(picture(dpi=(300, 300)), id="the density of a device"),
        pytest.param(picture(kind="PNG"), id="another format"),
        pytest.param(BARE[:20] + b"\xff\xe5\x00\x06note" + BARE[20:], id="a private segment"),
        pytest.param(BARE[:-2] + b"\xff\xfe\x00\x06note\xff\xd9", id="a comment behind the scan"),
    ],
)
def test_whatever_else_is_in_it_is_found(body: bytes) -> None:
    assert not is_bare(body)


@given(st.binary(max_size=60))
def test_no_bytes_confuse_the_second_look(more: bytes) -> None:
    assert not is_bare(more)
    assert is_bare(BARE[:20] + more + BARE[20:]) == (more == b"")


# --- the doors -------------------------------------------------------------------------------

TRIED = """
import os, socket, sys
from bot.vault.scrubbing.doors import limit_means, shut_doors
limit_means()
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
shut_doors()
def tried(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
print(tried(lambda: open("/etc/hostname").read()))
print(tried(lambda: open("/tmp/left-behind", "wb").write(b"x")))
print(tried(socket.socket))
print(tried(lambda: os.pipe()))
print(tried(lambda: os.fork() or os._exit(0)))
print(tried(lambda: bytearray(2**30)))
print(len(os.environ), os.getcwd())
"""


def test_behind_shut_doors_nothing_is_opened_started_or_kept() -> None:
    ended = subprocess.run(
        [sys.executable, "-I", "-B", "-c", TRIED],
        env={},
        cwd="/",
        capture_output=True,
        check=True,
        text=True,
    )
    *tried, last = ended.stdout.split("\n")[:-1]
    assert set(tried[:4]) == {"OSError"}
    assert tried[4:] == ["BlockingIOError", "MemoryError"]
    assert last.endswith("/")
