"""What fingers type when the input method is off: raw Telex and VNI of words with marks.

Written from the rules of the two keyboards, apart from the program's own reading of them.
"""

import unicodedata
from typing import Final

_TELEX: Final = {
    "\u0301": "s",
    "\u0300": "f",
    "\u0309": "r",
    "\u0303": "x",
    "\u0323": "j",
    "\u0302": "=",
    "\u0306": "w",
    "\u031b": "w",
}
_VNI: Final = {
    "\u0301": "1",
    "\u0300": "2",
    "\u0309": "3",
    "\u0303": "4",
    "\u0323": "5",
    "\u0302": "6",
    "\u0306": "8",
    "\u031b": "7",
}
_TONES: Final = frozenset("sfrxj12345")


def telex(text: str, *, tones_last: bool = True) -> str:
    """Return `text` in raw Telex, the tone at the end of the word or behind its vowel."""
    return " ".join(_typed(word, _TELEX, "dd", tones_last=tones_last) for word in text.split(" "))


def vni(text: str, *, tones_last: bool = True) -> str:
    """Return `text` in raw VNI, the tone at the end of the word or behind its vowel."""
    return " ".join(_typed(word, _VNI, "d9", tones_last=tones_last) for word in text.split(" "))


def _typed(word: str, signs: dict[str, str], stroke: str, *, tones_last: bool) -> str:
    typed, tone, base = "", "", ""
    for letter in unicodedata.normalize("NFD", word):
        sign = signs.get(letter)
        if letter in "đĐ":
            typed += stroke
        elif sign is None:
            typed += letter
            base = letter
        elif sign == "=":
            typed += base
        elif sign in _TONES and tones_last:
            tone += sign
        else:
            typed += sign
    # Signs that end a sentence stand behind the tone.
    bare = typed.rstrip(".,!?…;:\"')")
    return bare + tone + typed[len(bare) :]
