"""Read a file from standard input, write the clean ones; the exit status is an `Ending`.

Written is, for each clean file, its length as four bytes and itself. The one argument, `picture`
or `all`, says what may come.
"""

import sys
from collections.abc import Sequence
from typing import Final

from bot.vault.scrubbing.doors import limit_means, shut_doors
from bot.vault.scrubbing.endings import Ending, Unfit
from bot.vault.scrubbing.formats import FILMS, PICTURES, Format, format_of

_ALL: Final = "all"


def cleaned(body: bytes, *, pictures_only: bool) -> Sequence[bytes]:
    """Return what `body` shows, as JPEGs. Raise `Unfit`, and whatever a decoder raises."""
    kind = format_of(body)
    if kind is None or (pictures_only and kind not in PICTURES):
        raise Unfit(Ending.UNKNOWN_FORMAT)
    # Libraries are loaded when it is known which, for each takes memory and time.
    from bot.vault.scrubbing import pictures  # noqa: PLC0415 - only what is asked for is loaded

    pictures.prepare(kind)
    if kind in FILMS:
        try:
            from bot.vault.scrubbing import films  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            # The extra `media` is not installed here.
            raise Unfit(Ending.UNKNOWN_FORMAT) from error
        films.prepare()
        shut_doors()
        return films.stilled(body, kind)
    if kind is Format.PDF:
        from bot.vault.scrubbing import pages  # noqa: PLC0415 - only what is asked for is loaded

        pages.prepare()
        shut_doors()
        return pages.pictured(body)
    # libde265 hands its work to a thread, however it is asked not to.
    shut_doors(threads=kind is Format.HEIC)
    return [pictures.scrubbed(body, kind)]


def main(allowed: str) -> int:
    """Clean one file; return how it ended."""
    limit_means()
    try:
        clean = cleaned(sys.stdin.buffer.read(), pictures_only=allowed != _ALL)
    except Unfit as unfit:
        return unfit.ending
    except MemoryError:
        return Ending.TOO_MANY_POINTS
    except Exception:  # noqa: BLE001 - the edge of this program: whatever it was, it is not whole
        return Ending.BROKEN
    for body in clean:
        sys.stdout.buffer.write(len(body).to_bytes(4, "big") + body)
    sys.stdout.buffer.flush()
    return Ending.CLEANED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
