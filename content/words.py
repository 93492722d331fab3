"""The words residents can type to make the program do something.

Only recognises them; what they do is decided in `handlers`. A word without a slash counts only
as the whole message, so that "tham gia bảo hiểm thế nào" stays a question.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.text import clean, fold
from content.items import Item

# "/togiac: …" and "/khancap!" are typed in haste, and are the word all the same.
_SLASH: Final = re.compile(r"/\s?([A-Za-zÀ-ỹ_]+)(?:@\w+)?(?:[\s.,:;!?…–-]+(.*))?", re.DOTALL)
_LINK: Final = re.compile(r"([a-z]+)(?:[_-](\S+))?", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{2,60}")
_EDGES: Final = " \t\n.,!?;:\"'“”()"
# A longer message without a slash is no command, and is not worth looking at.
_LONGEST: Final = 200


class CommandKey(StrEnum):
    """What a word asks for."""

    START = "start"
    HELP = "help"
    EMERGENCY = "emergency"
    TIP = "tip"
    TRACK = "track"
    WITHDRAW = "withdraw"
    ANSWER = "answer"
    JOIN = "join"
    LEAVE = "leave"
    PLEDGE = "pledge"
    DATA = "data"
    INTERESTS = "interests"
    SKIP = "skip"
    BACK = "back"
    CANCEL = "cancel"
    PERSON = "person"
    LINK = "link"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A word that was recognised, and the code behind it as it was typed, else empty."""

    key: CommandKey
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandWords:
    """All words by their folded form."""

    slash: Mapping[str, CommandKey]
    alone: Mapping[str, CommandKey]
    links: Mapping[str, CommandKey]
    takes_code: frozenset[CommandKey]
    not_in_codes: frozenset[str]

    def command(self, text: str) -> Command | None:
        """Return the command that `text` is, or None if it is anything else."""
        said = clean(text)
        if said.startswith("/"):
            return self._after_slash(said)
        return self._whole_message(said) if 0 < len(said) <= _LONGEST else None

    def _after_slash(self, said: str) -> Command | None:
        match = _SLASH.fullmatch(said)
        if match is None:
            return None
        key = self.slash.get(fold(match[1])) or self._as_phrase(said[1:])
        if key is None:
            return None
        argument = " ".join((match[2] or "").split())
        if key is CommandKey.START and argument:
            return self._linked(argument)
        return Command(key=key, argument=argument if key in self.takes_code else "")

    def _as_phrase(self, rest: str) -> CommandKey | None:
        # "/tham gia" and "/khẩn cấp": some write the slash and the words apart.
        return self.alone.get(fold(rest).strip(_EDGES))

    def _linked(self, payload: str) -> Command:
        match = _LINK.fullmatch(payload)
        key = self.links.get(fold(match[1])) if match else None
        if match is None or key is None:
            return Command(key=CommandKey.START, argument=payload)
        return Command(key=key, argument=match[2] or "")

    def _whole_message(self, said: str) -> Command | None:
        words = said.strip(_EDGES).split()
        phrase = fold(" ".join(words))
        if key := self.alone.get(phrase) or self.slash.get(phrase):
            return Command(key=key)
        # The longest phrase first: "mã tham gia ABC123" before "mã".
        for count in range(min(len(words) - 1, 4), 0, -1):
            head, code = fold(" ".join(words[:count])), " ".join(words[count:])
            key = self.alone.get(head.rstrip(_EDGES)) or self.slash.get(head.rstrip(_EDGES))
            if key in self.takes_code and self._is_code(code):
                assert key is not None  # noqa: S101 - None is in no set; this tells mypy
                return Command(key=key, argument=code)
        return None

    def _is_code(self, code: str) -> bool:
        if not _CODE.fullmatch(code) or self.not_in_codes & set(fold(code).split()):
            return False
        has_digit = any(mark.isdigit() for mark in code)
        return has_digit or (" " not in code and (code.isupper() or "-" in code))


def read_words(item: Item | None) -> CommandWords:
    """Return the words of `words.yaml`; a word of two commands is a fault."""
    fields = item.fields(("commands", "links", "not_in_codes")) if item else {}
    slash: dict[str, CommandKey] = {}
    alone: dict[str, CommandKey] = {}
    taking: set[CommandKey] = set()
    if "commands" in fields:
        for name, entry in fields["commands"].fields(tuple(CommandKey)).items():
            key = CommandKey(name)
            entries = entry.fields(("takes_code", "slash", "alone"))
            if "takes_code" in entries and entries["takes_code"].flag():
                taking.add(key)
            _collect(entries.get("slash"), key, slash)
            _collect(entries.get("alone"), key, alone)
    links = fields["links"].mapping() if "links" in fields else {}
    not_codes = fields["not_in_codes"].texts() if "not_in_codes" in fields else ()
    return CommandWords(
        slash=slash,
        alone=alone,
        links={
            name: CommandKey(target.choice(tuple(CommandKey))) for name, target in links.items()
        },
        takes_code=frozenset(taking),
        not_in_codes=frozenset(fold(word) for word in not_codes),
    )


def _collect(item: Item | None, key: CommandKey, into: dict[str, CommandKey]) -> None:
    for entry in item.items() if item else []:
        word = fold(entry.text())
        if into.setdefault(word, key) is not key:
            entry.fault(f"{word!r} already stands for the command {into[word]!r}")
