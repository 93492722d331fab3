"""Blacking out what must not be passed on: whole sentences, and words wherever they stand."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from bot.core.errors import RuleBroken
from bot.core.ids import TipId
from bot.core.tips import RecordKind, Report, Tip
from bot.services.tips.reading.access import Handling, Reader
from bot.services.tips.reading.desk import read_report
from bot.services.tips.records import Records

# As long whatever it covers: the length of a name would say something too.
BLACKED: Final = "█████"
FIELDS: Final = ("what", "where", "when")
_SENTENCE: Final = re.compile(r"[^.!?;\n]*[.!?;\n]+\s*|[^.!?;\n]+")
# A form holds a hundred fields; of a longer text neighbouring sentences are put together.
_MOST_PIECES: Final = 60
_SHORTEST_WORD: Final = 2
_ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a report that can be blacked out; `number` counts through all fields."""

    number: int
    part: str
    text: str = field(repr=False)


def pieces(report: Report) -> list[Piece]:
    """Return the report in pieces that put together are the report."""
    found = [
        (name, one) for name in FIELDS for one in _SENTENCE.findall(str(getattr(report, name)))
    ]
    most = max(1, -(-len(found) // _MOST_PIECES))
    return [
        Piece(number=number, part=name, text=text)
        for number, (name, text) in enumerate(_joined(found, most))
    ]


def _joined(found: list[tuple[str, str]], most: int) -> Iterator[tuple[str, str]]:
    kept: list[str] = []
    for at, (name, text) in enumerate(found):
        kept.append(text)
        is_last = at + 1 == len(found) or found[at + 1][0] != name
        if is_last or len(kept) >= most:
            yield name, "".join(kept)
            kept = []


def blacked_out(report: Report, numbers: Collection[int], words: Collection[str]) -> Report:
    """Return the report without those pieces and without the words, in whatever case."""
    parts: dict[str, list[str]] = {name: [] for name in FIELDS}
    for piece in pieces(report):
        end = "\n" if piece.text.endswith("\n") else " "
        text = f"{BLACKED}{end}" if piece.number in numbers else piece.text
        parts[piece.part].append(text)
    texts = {name: "".join(found).rstrip() for name, found in parts.items()}
    for word in sorted({one.strip() for one in words}, key=len, reverse=True):
        if len(word) >= _SHORTEST_WORD:
            pattern = re.compile(re.escape(word), re.IGNORECASE)
            texts = {name: pattern.sub(BLACKED, text) for name, text in texts.items()}
    return replace(report, what=texts["what"], where=texts["where"], when=texts["when"])


class Redacting:
    """Use cases of passing on a part."""

    def __init__(self, *, handling: Handling, records: Records) -> None:
        self._handling = handling
        self._records = records

    async def redact(
        self,
        tip_id: TipId,
        reader: Reader,
        *,
        numbers: Collection[int],
        words: Collection[str],
        version: int | None = None,
    ) -> Tip:
        """Keep the report as it may be passed on, sealed with the tip; the report itself stays.

        Raise `NotFound`, `TipChanged`, or `RuleBroken` if nothing is blacked out.
        """
        async with self._handling.held(tip_id, reader, version=version) as held:
            (record,) = await held.work.tips.records(tip_id, kinds=(RecordKind.REPORT,))
            report = read_report(self._records.opened(held.tip, held.key, record))
            redacted = blacked_out(report, numbers, words)
            if redacted == report:
                raise RuleBroken("tip_nothing_blacked")
            await self._handling.write(held, RecordKind.REDACTED, _ENCODER.encode(redacted))
            return await self._handling.done(held, held.tip, "tip.redact")
