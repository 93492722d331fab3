"""A film as a few pictures of it. Sound stays behind: a voice tells who speaks.

The pictures are taken at the beginning of each of some equal parts or shortly before, so that a
long film takes no longer than a short one.
"""

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import av
from av import audio, codec, sidedata, subtitles, video
from av.audio import codeccontext as audio_context
from av.audio import stream as audio_stream
from av.container import InputContainer
from av.subtitles import codeccontext as subtitles_context
from av.subtitles import stream as subtitles_stream
from av.video import codeccontext as video_context
from av.video.stream import VideoStream
from PIL import Image

from bot.vault.scrubbing.endings import Ending, Unfit
from bot.vault.scrubbing.formats import Format
from bot.vault.scrubbing.pictures import MOST_POINTS, packed

# Named here so that they are loaded before the doors are shut, for PyAV loads them when needed.
LOADED: Final = (
    *(audio, audio_context, audio_stream, codec, sidedata),
    *(subtitles, subtitles_context, subtitles_stream, video, video_context),
)
MOST_STILLS: Final = 5
# Three seconds at thirty frames; decoding that many of the largest takes half a second.
_FARTHEST: Final = 90
_LONGEST_SIDE: Final = 2560
# What telephones, cameras and chat programs write; of the library's hundreds nothing else is run.
_DECODERS: Final = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "h263"})


def prepare() -> None:
    """Keep the library from telling anything; afterwards nothing need be opened any more."""
    av.logging.set_level(av.logging.PANIC)


def stilled(body: bytes, kind: Format) -> Sequence[bytes]:
    """Return up to `MOST_STILLS` JPEGs. Raise `Unfit`, and what FFmpeg raises on a broken file."""
    with av.open(io.BytesIO(body), format=kind.value, mode="r") as film:
        if not film.streams.video:
            raise Unfit(Ending.UNKNOWN_FORMAT)
        stream = film.streams.video[0]
        if stream.codec_context.name not in _DECODERS:
            raise Unfit(Ending.UNKNOWN_FORMAT)
        if stream.codec_context.width * stream.codec_context.height > MOST_POINTS:
            raise Unfit(Ending.TOO_MANY_POINTS)
        # Threads count as processes, of which there are none.
        stream.codec_context.thread_count = 1
        stills = [packed(_copied(frame)) for frame in _apart(film, stream)]
    if not stills:
        raise Unfit(Ending.BROKEN)
    return stills


def _apart(film: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    """Yield frames that are as far apart as the film allows."""
    length, seen = film.duration or 0, set[int | None]()
    for part in range(MOST_STILLS if length > 0 else 1):
        at = (film.start_time or 0) + length * part // MOST_STILLS
        if part:
            film.seek(at)
        frame = None
        # Only some frames can be decoded alone; the one that is wanted comes some way behind.
        for frame in islice(film.decode(stream), _FARTHEST):
            if (frame.time or 0.0) * av.time_base >= at:
                break
        if frame is not None and frame.pts not in seen:
            seen.add(frame.pts)
            yield frame


def _copied(frame: av.VideoFrame) -> Image.Image:
    if frame.width * frame.height > MOST_POINTS:
        raise Unfit(Ending.TOO_MANY_POINTS)
    seen: Image.Image = frame.to_image(threads=1)  # type: ignore[no-untyped-call] # av has no types there
    seen.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen)
    # Telephones film sideways and note how to turn it, against the clock.
    return clean.rotate(frame.rotation, expand=True) if frame.rotation else clean
