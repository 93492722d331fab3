"""A question without whatever may name somebody: what is left is all that officers may see.

Closed by default: a word stays only if it is a Vietnamese syllable or a word the program knows,
and may be neither a name nor a part of an address. What is left out leaves one "…".
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from bot.core.text import clean, fold
from bot.services.answers.wordings import Spelling
from content.names import Names

LONGEST: Final = 200
GAP: Final = "…"

# Longer stories are cut before they are looked at: they tell more of somebody than they ask.
_LONGEST_READ: Final = 600
_PIECES: Final = re.compile(r"\S+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_ENDS: Final = re.compile(r"[.!?…:;\n]\W*$")
# So many words behind "tên", "nhà số" and the like.
_BEHIND_NAME: Final = 4
_BEHIND_TITLE: Final = 1
_BEHIND_PLACE: Final = 3
_FEWEST_LEFT: Final = 3
_SPELLED_OUT: Final = 3
_SHOUTED: Final = 0.6
_SHARE_MARKED: Final = 0.25
# Without marks these are nearly always something else than a place ("cho", "to", "so" …).
_UNCLEAR: Final = frozenset({"cho", "to", "so", "ban", "doi", "lang", "que"})
_NUMBERS: Final = frozenset(
    {"khong", "mot", "hai", "ba", "bon", "nam", "lam", "sau", "bay", "tam", "chin", "muoi"}
)


class Stripping:
    """Strips questions by the lists of `content/names.yaml`."""

    def __init__(self, names: Names, known: Collection[str]) -> None:
        """`known` are folded words that stay though they are no Vietnamese syllables."""
        self._names = names
        self._known = frozenset(known) | {fold(thing) for thing in names.things}
        self._marked = {
            **dict.fromkeys(names.titles, _BEHIND_TITLE),
            **dict.fromkeys(names.places, _BEHIND_PLACE),
            **dict.fromkeys(names.introduces, _BEHIND_NAME),
        }
        self._unmarked = {
            plain: reach
            for word, reach in self._marked.items()
            if (plain := fold(word)) not in _UNCLEAR or reach == _BEHIND_TITLE
        }
        self._no_names = frozenset(fold(word) for word in names.no_names)
        self._kept = {tuple(fold(phrase).split()) for phrase in names.kept}

    def stripped(self, text: str) -> str | None:
        """Return what may be kept of `text`, in small letters, at most `LONGEST` characters.

        None if too little is left to be of use, or more was left out than stays.
        """
        pieces = _PIECES.findall(clean(text)[:_LONGEST_READ])
        stays = self._stays(pieces)
        words = [
            fitting.group().lower() if stay and (fitting := _WORD.search(piece)) else GAP
            for piece, stay in zip(pieces, stays, strict=True)
        ]
        left = [word for word in words if word != GAP]
        if len(left) < _FEWEST_LEFT or 2 * len(left) < len(words):
            return None
        joined = " ".join(
            word for at, word in enumerate(words) if word != GAP or at == 0 or words[at - 1] != GAP
        )
        return joined if len(joined) <= LONGEST else joined[:LONGEST].rsplit(" ", 1)[0]

    def _stays(self, pieces: Sequence[str]) -> list[bool]:
        bare = [_bare(piece) for piece in pieces]
        folded = [fold(word) for word in bare]
        kept = self._in_phrases(folded)
        is_shouted = sum(word.isupper() for word in bare) > _SHOUTED * len(bare)
        with_marks = sum(fold(word) != word.lower() for word in bare)
        is_marked = with_marks >= _SHARE_MARKED * len(bare)
        opens = self._marked if is_marked else self._unmarked
        stays = [at in kept or self._may_stay(word, folded[at]) for at, word in enumerate(bare)]
        for at, word in enumerate(bare):
            is_first = at == 0 or _ENDS.search(pieces[at - 1]) is not None
            follows = at + 1 < len(bare) and bare[at + 1][:1].isupper()
            is_capital = word[:1].isupper() and not is_shouted
            if is_capital and (not is_first or follows) and folded[at] not in self._known:
                stays[at] = False
            reach = opens.get(word.lower() if is_marked else folded[at], 0)
            if at not in kept:
                self._leave_out(range(at + 1, at + 1 + reach), folded, stays, kept)
        _leave_out_spelled(folded, stays)
        return stays

    def _leave_out(
        self,
        behind: range,
        folded: Sequence[str],
        stays: list[bool],
        kept: Collection[int],
    ) -> None:
        """Leave out what stands behind a title, "tên" or a place.

        Where a word that is no name comes after a title or place, the address has ended.
        """
        for at in behind:
            is_over = at >= len(folded) or (
                folded[at] in self._no_names and len(behind) < _BEHIND_NAME
            )
            if is_over:
                return
            if folded[at] not in self._no_names and at not in kept:
                stays[at] = False

    def _may_stay(self, word: str, folded: str) -> bool:
        if not word or not folded.isascii():
            return False
        if Spelling.is_odd(folded) and folded not in self._known:
            return False
        is_marked = fold(word) != word.lower()
        if is_marked:
            return word.lower() not in self._names.names
        return folded not in self._names.folded_names

    def _in_phrases(self, folded: Sequence[str]) -> set[int]:
        """Return the places of words that belong to a phrase which is no name."""
        found: set[int] = set()
        for at in range(len(folded)):
            for length in (2, 3, 4):
                if tuple(folded[at : at + length]) in self._kept:
                    found.update(range(at, at + length))
        return found


def _bare(piece: str) -> str:
    """Return the one word in `piece`, nothing if it holds more than letters and marks around."""
    words = _WORD.findall(piece)
    if len(words) != 1 or any(sign.isnumeric() or sign in "@/_#\\" for sign in piece):
        return ""
    return str(words[0])


def _leave_out_spelled(folded: Sequence[str], stays: list[bool]) -> None:
    """Leave out numbers said in words, and words spelled letter by letter."""
    run: list[int] = []
    for at, word in enumerate([*folded, ""]):
        if len(word) == 1 or word in _NUMBERS:
            run.append(at)
            continue
        for part in run if len(run) >= _SPELLED_OUT else ():
            stays[part] = False
        run = []
