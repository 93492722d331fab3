"""Whether a message somebody was sent is a known trick: the signs in it, and the tricks they make.

Says which tricks it is like or that it is like none; never that it is safe, for nobody can know.
Opens no link, asks nobody, keeps nothing. The rules are those of `scams.yaml`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.languages import Language
from bot.core.text import clean, fold
from bot.services.answers.links import (
    Link,
    has_app_file,
    has_foreign_number,
    is_below,
    is_strange,
    links_in,
    without_links,
)
from content.book import Book
from content.facts import Mark
from content.phrases import Word, words_of
from content.scams import (
    APP_FILE,
    CHAT_LINK,
    FOREIGN_NUMBER,
    LINK,
    SHORT_LINK,
    STRANGE_LINK,
    ScamPattern,
    ScamSign,
)

LONGEST_READ: Final = 3_000
"""Characters of a message that are looked at."""

_MOST_NAMED: Final = 2
_MOST_SIGNS: Final = 4
_FEWEST_SIGNS: Final = 2
_HARD: Final = frozenset({STRANGE_LINK, APP_FILE, SHORT_LINK, FOREIGN_NUMBER})

# How far before a phrase a "không" denies it, in words of the same clause.
_DENIED_WITHIN: Final = 5
# Letters of other alphabets that look like ours.
_LOOK_ALIKE: Final = str.maketrans("аеоріѕсхујԁɡհıοαν", "aeopiscxyjdghioav")
_SPREAD: Final = re.compile(r"(?<!\w)[^\W\d_](?:[.\-_*·•][^\W\d_]){2,}(?!\w)")
_FIGURES: Final = str.maketrans("013457@", "oieasta")
_LETTERS_FIRST: Final = re.compile(r"(?<!\w)(?=\w*[^\W\d_])(?=\w*[013457])[^\W_]{3,}(?!\w)")

# Found by trying on messages of both kinds, see tests/services/test_scam_messages.py.
_PASTED_SCORE: Final = 3
_MOST_SENDERS: Final = 2
_MOST_OWN: Final = 3
_FEWEST_WORDS: Final = 10
_LONG_WORDS: Final = 18
_ASKED_ABOUT_WORDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ScamLook:
    """What was seen: the tricks it is like, the likest first; signs with a name, in their order.

    `found` are the keys of all signs, those without a name too.
    """

    patterns: tuple[ScamPattern, ...]
    signs: tuple[ScamSign, ...]
    found: frozenset[str]

    @property
    def is_known(self) -> bool:
        """Tell whether it is like a known trick."""
        return bool(self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    words: Sequence[Word]
    links: Sequence[Link]
    plain: str


class ScamCheck:
    """Looks at messages people were sent."""

    def __init__(self, book: Book) -> None:
        self._say = book.voice("scams", "looks_like", "also_like", "call", "none_known", "seen")
        self._frame = book.voice("answers", "hedge")
        self._rules = book.scams
        hosts = book.scams.links.short | book.scams.links.chats
        self._ends = book.scams.links.ends | {host.rpartition(".")[2] for host in hosts}

    def look(self, text: str) -> ScamLook:
        """Return what can be seen in `text`."""
        return self._look(self._read(text))

    def pasted(self, text: str) -> ScamLook | None:
        """Return what is seen in `text` if it is a message somebody was sent.

        None if it is a question or a story of their own, or like nothing that is known.
        """
        message = self._read(text)
        asks = self._rules.asks.are_in(message.words)
        is_shown = bool(message.links) or bool(_HARD & {*self._seen(message)})
        if not (is_shown or asks or len(message.words) >= _FEWEST_WORDS):
            return None
        look = self._look(message)
        if not self._is_pasted(message, look, asks=asks):
            return None
        return look if look.is_known or (asks and is_shown) else None

    def says(
        self, look: ScamLook, *, unit: Mapping[str, str], language: Language
    ) -> tuple[str, ...]:
        """Return what is said to what was seen, one text a message.

        `unit` holds what only the unit knows, by the names of the content files.
        """
        signs = "; ".join(sign.title[language] for sign in look.signs[:_MOST_SIGNS])
        if not look.is_known:
            none = self._say("none_known", language, **unit)
            seen = [self._say("seen", language, signs=signs)] if signs else []
            return ("\n".join([*seen, none]),)
        best, *others = look.patterns
        told = [self._say("looks_like", language, title=best.title[language])]
        told += [self._say("seen", language, signs=signs)] if signs else []
        told += [self._say("also_like", language, title=one.title[language]) for one in others]
        advice = self._say("call", language, do=best.do[language], **unit)
        hedge = [] if best.mark is Mark.SURE else [self._frame("hedge", language)]
        return "\n".join([*told, best.what[language]]), "\n".join([advice, *hedge])

    def _is_pasted(self, message: _Message, look: ScamLook, *, asks: bool) -> bool:
        rules, words = self._rules, message.words
        is_shown = bool(message.links) or bool(look.found & _HARD)
        senders = sum(1 for _ in rules.senders.find(words))
        told = max((len(one.signs & look.found) for one in look.patterns), default=0)
        score = min(senders, _MOST_SENDERS) + 2 * bool(message.links)
        score += 2 * bool(look.found & _HARD) + (len(words) >= _LONG_WORDS)
        score += told + 1 if told else 0
        if asks:
            return (is_shown or len(words) >= _ASKED_ABOUT_WORDS) and score >= _FEWEST_SIGNS
        is_told = len(words) >= _FEWEST_WORDS and (senders or told > _FEWEST_SIGNS)
        if not (is_shown or is_told):
            return False
        # A story of one's own is full of the same words; what somebody was sent is not about them.
        own = sum(1 for _ in rules.own.find(words))
        return score - 2 * min(own, _MOST_OWN) >= _PASTED_SCORE

    def _look(self, message: _Message) -> ScamLook:
        found = frozenset(self._found(message))
        is_warning = self._rules.warnings.are_in(message.words)
        fitting = [
            one
            for one in self._rules.patterns.values()
            if one.fits(found)
            and (one.alone & found or len(one.signs & found) >= _FEWEST_SIGNS)
            # Whoever warns of a trick uses all its words; only what they want tapped tells.
            and (not is_warning or found & _HARD)
        ]
        # A strange address is named among the signs; it is the trick only where there is no other.
        fitting = [one for one in fitting if not one.alone] or fitting
        # Python sorts stably: of equals the first of the file is named first.
        fitting.sort(key=lambda one: -len(one.signs & found))
        return ScamLook(
            patterns=tuple(fitting[:_MOST_NAMED]),
            signs=tuple(
                sign for key, sign in self._rules.signs.items() if key in found and sign.title
            ),
            found=found,
        )

    def _found(self, message: _Message) -> Iterator[str]:
        yield from self._seen(message)
        for key, sign in self._rules.signs.items():
            for begins, _ in sign.phrases.find(message.words):
                if not (sign.may_be_denied and self._is_denied(message.words, begins)):
                    yield key
                    break

    def _is_denied(self, words: Sequence[Word], at: int) -> bool:
        """Tell whether something that denies stands before the word `at` in its clause."""
        for before in range(at - 1, max(at - _DENIED_WITHIN, 0) - 1, -1):
            if words[before].clause != words[at].clause:
                return False
            if self._rules.denies.are_in(words[before : before + 1]):
                return not self._rules.ifs.are_in(words[max(before - 1, 0) : before])
        return False

    def _seen(self, message: _Message) -> Iterator[str]:
        known = self._rules.links
        for link in message.links:
            if is_strange(link, known):
                yield STRANGE_LINK
            elif is_below(link.host, known.short):
                yield SHORT_LINK
            elif is_below(link.host, known.chats):
                yield CHAT_LINK
            else:
                yield LINK
        if has_app_file(message.plain):
            yield APP_FILE
        if has_foreign_number(message.plain):
            yield FOREIGN_NUMBER

    def _read(self, text: str) -> _Message:
        plain = unicodedata.normalize("NFKC", clean(text[:LONGEST_READ])).casefold()
        # The letters of an address are looked at as they are: that is how it cheats.
        links = links_in(clean(text[:LONGEST_READ]), self._ends)
        told = without_links(plain, self._ends).translate(_LOOK_ALIKE)
        told = _SPREAD.sub(lambda found: re.sub(r"\W|_", "", found[0]), told)
        told = _LETTERS_FIRST.sub(lambda found: self._as_letters(found[0]), told)
        return _Message(words=words_of(told), links=links, plain=plain)

    def _as_letters(self, word: str) -> str:
        """Return "0tp" as "otp" where that is a word of the rules, else the word as it is."""
        read = word.translate(_FIGURES)
        return read if fold(read) in self._rules.vocabulary else word
