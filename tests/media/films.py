"""Films whose points are whole, with places, names and notes wherever the containers have room."""

import io
import struct
from collections.abc import Iterator
from typing import Any

import av
from PIL import Image

from tests.media.boxes import box
from tests.media.cases import Case, Chest, Secret, painted
from tests.media.fields import xmp

RATE = 10


def film(
    kind: str,
    codec: str,
    *,
    notes: dict[str, str] | None = None,
    images: list[Image.Image] | None = None,
    stream_notes: dict[str, str] | None = None,
    turned: int = 0,
    voice: bytes = b"",
) -> bytes:
    """Return a film of pictures, or none without `codec`; `voice` are samples of sound."""
    out = io.BytesIO()
    shown = images or [painted().rotate(turn) for turn in range(0, 200, 10)]
    with av.open(out, "w", format=kind, options={"fflags": "+bitexact"}) as container:
        container.metadata.update(notes or {})
        stream: Any = None
        if codec:
            stream = container.add_stream(codec, rate=RATE)
            stream.width, stream.height, stream.pix_fmt = *shown[0].size, "yuv420p"
            stream.codec_context.thread_count = 1
            stream.codec_context.gop_size = 5
            if codec == "libx264":
                # It looks ahead in a thread, and what it sees depends on who is faster.
                stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
            stream.metadata.update(stream_notes or {})
        if turned:
            stream.set_display_rotation(turned)
        sound: Any = container.add_stream("pcm_s16le", rate=8000, layout="mono") if voice else None
        for number, image in enumerate(shown if codec else []):
            seen = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call] # PyAV names no type here
            frame = seen.reformat(format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        if codec:
            container.mux(stream.encode(None))
        if voice:
            samples = av.AudioFrame(format="s16", layout="mono", samples=len(voice) // 2)
            samples.sample_rate, samples.pts = 8000, 0
            samples.planes[0].update(voice)
            container.mux(sound.encode(samples))
            container.mux(sound.encode(None))
    return out.getvalue()


def cases(chest: Chest) -> Iterator[Case]:
    """Yield all films of the corpus that can be made pictures of."""
    for name, kind, codec in _KINDS:
        for note in ("title", "artist", "comment", "location", "make", "description"):
            word = chest.text()
            body = film(kind, codec, notes={note: word})
            # Not every container has a place for every note.
            if word.encode() in body:
                yield _case(name, f"{note} of the film", body, word)
        word = chest.text()
        yield _case(name, "behind the end", film(kind, codec) + word.encode(), word)
    for name, kind in (("mp4 film", "mp4"), ("mov film", "mov")):
        plain = film(kind, "mpeg4")
        for one in (b"free", b"uuid", b"udta", b"meta", b"Xtra"):
            word = chest.text()
            yield _case(name, f"box {one.decode()}", plain + box(one, word.encode()), word)
        word = chest.text()
        where = struct.pack(">HH", len(word), 0x15C7) + word.encode()
        place = box(b"moov", box(b"udta", box(b"\xa9xyz", where)))
        yield _case(name, "place in a second head", plain + place, word)
        word = chest.text()
        packet = box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + xmp(word))
        yield _case(name, "XMP", plain + packet, word)
    word, noise = chest.text(), chest.noise(1600)
    body = film("matroska", "mpeg4", stream_notes={"title": word}, voice=noise)
    yield _case("mkv film", "sound, and a note on its stream", body, word, noise[200:260])
    word = chest.text()
    body = film("mov", "mpeg4", notes={"comment": word}, turned=90)
    yield _case("mov film", "turned", body, word)


_KINDS = (
    ("mp4 film", "mp4", "mpeg4"),
    ("mp4 film by H.264", "mp4", "libx264"),
    ("mov film", "mov", "mpeg4"),
    ("3gp film", "3gp", "mpeg4"),
    ("webm film", "webm", "libvpx"),
    ("mkv film", "matroska", "mpeg4"),
)


def _case(name: str, place: str, body: bytes, *hidden: Secret) -> Case:
    return Case(format=name, place=place, body=body, hidden=hidden)
