"""Addresses of pages and telephone numbers in a text, and by what an address gives itself away.

Only reads them: nothing is opened, and nobody is asked about them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from content.scams import ScamLinks

# "hxxps://", "https : //" and "vietcombank[.]top" are how people pass on what they fear to tap.
_DOT: Final = r"(?:\.|\s?\[\.\]\s?|\s?\(\.\)\s?)"
_LABEL: Final = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_HOST: Final = rf"{_LABEL}(?:{_DOT}{_LABEL}){{1,8}}"
_LINK: Final = re.compile(
    rf"(?P<scheme>h(?:tt|xx)ps?\s?:\s?/\s?/\s?)?(?P<user>[^\s/@]{{1,64}}@)?(?P<host>{_HOST})"
    r"(?::\d{2,5})?(?P<rest>[/?#][^\s<>\"”']*)?",
    re.IGNORECASE,
)
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_FOREIGN: Final = re.compile(r"(?<!\d)(?:\+|00)(?!84|0)[1-9](?:[ .()-]{0,2}\d){7,13}(?!\d)")
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ .-]?\d){5,}")
_ADDRESS: Final = re.compile(r"\S*(?:://|www\.|@|\w\.\w)\S*", re.IGNORECASE)
_APP_FILE: Final = re.compile(r"(?<!\w)apk(?!\w)", re.IGNORECASE)
# Ends of addresses that are believed without "http" or a path; others are a full stop without
# its space far more often.
_KNOWN_ENDS: Final = frozenset(
    {"com", "net", "org", "vn", "info", "asia", "biz", "app", "dev", "cn", "ru", "hk"}
)
_SECOND_ENDS: Final = frozenset(
    {"com", "net", "org", "edu", "gov", "info", "name", "pro", "biz", "health", "ac"}
)
# Who may call themselves just by the name.
_OWN_ENDS: Final = frozenset({"vn", "com.vn", "com", "net.vn", "net", "org.vn"})
_COUNTRY: Final = "vn"
_STATE: Final = ".gov.vn"
_LIKE_STATE: Final = frozenset({"gov", "govvn", "govviet", "gov1"})
_SHORT_NAME: Final = 5
_LONG_NAME: Final = 7
_MANY_HYPHENS: Final = 3
_AS_LETTERS: Final = str.maketrans("013457", "oleast")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One address: its host in small letters, what comes behind, whether a name stands before."""

    host: str = field(repr=False)
    rest: str = field(repr=False)
    has_user: bool = False

    @property
    def ending(self) -> str:
        """Return what the host ends with: "vn", "com.vn", "top"."""
        labels = self.host.split(".")
        is_second = len(labels) > 2 and labels[-1] == _COUNTRY and labels[-2] in _SECOND_ENDS  # noqa: PLR2004 - name, second, end
        return ".".join(labels[-2:] if is_second else labels[-1:])

    @property
    def name(self) -> str:
        """Return the label before the ending: what somebody has registered."""
        return self.host.removesuffix(f".{self.ending}").rpartition(".")[2]


def links_in(text: str, ends: frozenset[str]) -> list[Link]:
    """Return the addresses in `text`; `ends` are more endings that count without "http"."""
    return [link for link, _ in _found(text, ends)]


def without_links(text: str, ends: frozenset[str]) -> str:
    """Return `text` with a sign in the place of each address, so that no word of it is read."""
    for _, (begins, stops) in reversed(list(_found(text, ends))):
        text = f"{text[:begins]} ; {text[stops:]}"
    return text


def without_numbers(text: str) -> str:
    """Return `text` without addresses of pages and mail, and without long numbers."""
    return _LONG_NUMBER.sub(" ", _ADDRESS.sub(" ", text))


def has_foreign_number(text: str) -> bool:
    """Tell whether a telephone number from abroad stands in `text`."""
    return _FOREIGN.search(text) is not None


def has_app_file(text: str) -> bool:
    """Tell whether `text` speaks of a file by which an app is put on a phone."""
    return _APP_FILE.search(text) is not None


def is_below(host: str, names: frozenset[str]) -> bool:
    """Tell whether `host` is one of `names`, or below one."""
    labels = host.split(".")
    return any(".".join(labels[at:]) in names for at in range(len(labels)))


def is_strange(link: Link, known: ScamLinks) -> bool:
    """Tell whether an address pretends to be another, or ends as addresses of swindlers do."""
    host = link.host
    if host.endswith(_STATE) and not link.has_user:
        return not host.isascii()
    if is_below(host, known.chats) or is_below(host, known.short):
        return False
    return (
        link.has_user
        or not host.isascii()
        or "xn--" in host
        or _IP.fullmatch(host) is not None
        or host.rpartition(".")[2] in known.ends
        or host.count("-") >= _MANY_HYPHENS
        or _is_false_state(link, known.state)
        or any(_is_false_name(link, name) for name in known.names)
    )


def _found(text: str, ends: frozenset[str]) -> Iterator[tuple[Link, tuple[int, int]]]:
    for match in _LINK.finditer(text):
        host = re.sub(r"[\s\[\]()]", "", match["host"]).casefold().strip(".-")
        rest = match["rest"] or ""
        ending = host.rpartition(".")[2]
        is_said = bool(match["scheme"]) or host.startswith("www.")
        is_known = ending in _KNOWN_ENDS or ending in ends
        # A sentence that begins without a space ("nhé.Link") is no address.
        has_path = len(rest) > 1 and ending.isascii() and ending.isalpha()
        is_host = is_known and not match["host"].rpartition(".")[2][:1].isupper()
        if is_said or is_host or (has_path and (is_known or len(ending) == len(_COUNTRY))):
            has_user = bool(match["user"]) and is_said
            if match["user"] and not is_said:
                continue  # an address of mail
            yield Link(host=host.removeprefix("www."), rest=rest, has_user=has_user), match.span()


def _is_false_state(link: Link, state: frozenset[str]) -> bool:
    if link.host.endswith(".gov"):
        return False
    parts = [part for label in link.host.split(".") for part in label.split("-")]
    if not _LIKE_STATE.isdisjoint(parts):
        return True
    joined = link.host.replace("-", "").translate(_AS_LETTERS)
    return any(name in parts if len(name) <= _SHORT_NAME else name in joined for name in state)


def _is_false_name(link: Link, name: str) -> bool:
    """Tell whether the address uses a company's name without being its own."""
    if link.name == name:
        return link.ending not in _OWN_ENDS
    is_long = len(name) >= _LONG_NAME
    if is_long and link.name.isascii() and _is_one_off(link.name, name):
        return True
    plain = link.host.replace("-", "")
    read = plain.translate(_AS_LETTERS).replace("rn", "m")
    parts = {part for label in link.host.split(".") for part in label.split("-")}
    if len(name) <= _SHORT_NAME:
        return "-" in link.host and name in parts and link.name != name
    if name in read and name not in plain:
        return True
    # Daughters of a company have long names below .vn, where one must say who one is.
    return name in plain and ("-" in link.host or not link.host.endswith(f".{_COUNTRY}"))


def _is_one_off(one: str, other: str) -> bool:
    """Tell whether two names differ by exactly one letter."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    at = next((i for i, mark in enumerate(shorter) if mark != longer[i]), len(shorter))
    if len(longer) == len(shorter):
        return longer[at + 1 :] == shorter[at + 1 :]
    return longer[at + 1 :] == shorter[at:]
