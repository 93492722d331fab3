"""What a Vietnamese keyboard would have made of a word: raw Telex and VNI with the marks put on.

People whose input method is off write "chays" or "cha1y" for "cháy". Whether a word is meant so is
decided in `wordings` beside this. bot/web/static/warn.js does the same in a page.
"""

import re
import unicodedata
from typing import Final

_TELEX: Final = re.compile(r"([b-df-hj-np-tv-z]*?)(gi(?=[a-z]*[aeouy])|qu)?([aeiouyw][a-z]*)")
_VNI: Final = re.compile(r"([b-df-hj-np-tv-z]*?9?)(gi(?=[a-z0-9]*[aeouy])|qu)?([aeiouy][a-z0-9]*)")
_RHYME: Final = re.compile(r"([aeiouy]{1,3})(ch|ng|nh|[cmnpt])?")
_TONES: Final = {
    "s": "\u0301",
    "f": "\u0300",
    "r": "\u0309",
    "x": "\u0303",
    "j": "\u0323",
    "z": "",
    "1": "\u0301",
    "2": "\u0300",
    "3": "\u0309",
    "4": "\u0303",
    "5": "\u0323",
}
# Circumflex where the vowel is doubled, at once or behind the consonants: tieen, tiene.
_DOUBLED: Final = re.compile(r"([aeo])([a-z]*?)\1")
_HORNS: Final = (
    *(("uo", "ươ"), ("ua", "ưa"), ("uu", "ưu"), ("oa", "oă")),
    *(("u", "ư"), ("o", "ơ"), ("a", "ă")),
)
_CIRCUMFLEXES: Final = {"a": "â", "e": "ê", "o": "ô"}
_STROKED_LAST: Final = re.compile(r"d(.+)d")
_THREE_VOWELS: Final = 3
_SHAPED: Final = re.compile(r"[ăâêôơư]")


def typed_out(word: str) -> str:
    """Return `word`, small ASCII letters and figures, as the keyboard would have put it.

    "chays" and "cha1y" give "cháy", "dduowngf" gives "đường". What is no syllable typed that way
    comes back as it is.
    """
    return _from_vni(word) if any(sign.isdigit() for sign in word) else _from_telex(word)


def _from_telex(word: str) -> str:
    bare = word
    if word.startswith("dd"):
        bare = "đ" + word[2:]
    elif stroked := _STROKED_LAST.fullmatch(word):
        bare = "đ" + stroked[1]
    # A tone before every vowel is none, and "w" alone is a vowel: tw, nhwng.
    parted = _TELEX.fullmatch(bare.replace("đ", "d", 1))
    if parted is None:
        return word
    start, glide, rest = parted[1], parted[2] or "", parted[3]
    rest, tone = _without_tone(rest, "sfrxjz")
    if not re.search(r"[aeiouy]", rest):
        rest = "u" + rest
    plain = rest.replace("w", "")
    shape = "w" if plain != rest else ""
    if (doubled := _DOUBLED.search(plain)) and doubled.end() <= len(plain):
        plain = plain[: doubled.end() - 1] + plain[doubled.end() :]
        shape += "6"
    is_changed = bool(tone is not None or shape or bare != word)
    begin = ("đ" + start[1:]) if bare.startswith("đ") else start
    return (
        _put_together(begin + glide, plain, shape=shape, tone=tone or "") or word
        if is_changed
        else word
    )


def _from_vni(word: str) -> str:
    parted = _VNI.fullmatch(word)
    if parted is None:
        return word
    start, glide, rest = parted[1], parted[2] or "", parted[3]
    has_stroke = "9" in start + rest and start[:1] == "d"
    rest, tone = _without_tone(rest.replace("9", "") if has_stroke else rest, "12345")
    plain = re.sub(r"[678]", "", rest)
    shape = ("6" if "6" in rest else "") + ("w" if re.search(r"[78]", rest) else "")
    begin = ("đ" + start.replace("9", "")[1:]) if has_stroke else start
    return _put_together(begin + glide, plain, shape=shape, tone=tone or "") or word


def _without_tone(rest: str, signs: str) -> tuple[str, str | None]:
    """Return `rest` without its tone signs, and the last of them as a combining mark."""
    found = [at for at, sign in enumerate(rest) if at and sign in signs]
    if not found:
        return rest, None
    kept = "".join(sign for at, sign in enumerate(rest) if at not in found)
    return kept, _TONES[rest[found[-1]]]


def _put_together(start: str, rest: str, *, shape: str, tone: str) -> str | None:
    parted = _RHYME.fullmatch(rest)
    if parted is None or len(shape) > 1:
        return None
    vowels, end = parted[1], parted[2] or ""
    if shape == "w":
        shaped = next((vowels.replace(old, new, 1) for old, new in _HORNS if old in vowels), None)
    elif shape == "6":
        at = max(vowels.rfind(letter) for letter in _CIRCUMFLEXES)
        letter = _CIRCUMFLEXES.get(vowels[at] if at >= 0 else "")
        shaped = vowels[:at] + letter + vowels[at + 1 :] if letter else None
    else:
        shaped = vowels
    if shaped is None:
        return None
    at = _place_of_tone(shaped, is_closed=bool(end))
    toned = shaped[: at + 1] + tone + shaped[at + 1 :]
    return unicodedata.normalize("NFC", start + toned + end)


def _place_of_tone(vowels: str, *, is_closed: bool) -> int:
    if shaped := list(_SHAPED.finditer(vowels)):
        return shaped[-1].start()
    if is_closed:
        return len(vowels) - 1
    return 1 if len(vowels) == _THREE_VOWELS else 0
