"""The list of places that a leak is searched in has no gap, and what is there is found."""

import json
from base64 import b32encode, b64encode, urlsafe_b64encode
from hashlib import sha256, sha512
from urllib.parse import quote

import pytest

from tests.journeys import sinks
from tests.journeys.spellings import spellings

NAME = "Người báo tin 4711"
SPELLED = {
    "plain": NAME.encode(),
    "utf-16": NAME.encode("utf-16"),
    "hex": NAME.encode().hex().encode(),
    "base64": b64encode(b"chat:" + NAME.encode() + b";"),
    "base64 for addresses": urlsafe_b64encode(b"to=" + NAME.encode()),
    "base32": b32encode(NAME.encode()),
    "an address": quote(NAME).encode(),
    "json": json.dumps({"name": NAME}).encode(),
    "a page": NAME.encode("ascii", "xmlcharrefreplace"),
    "a digest": sha512(NAME.encode()).digest(),
}


def test_every_command_is_searched_or_said_to_print_nothing_of_others() -> None:
    telling = {" ".join(_command(words)) for words in sinks.TELLING}
    assert telling.isdisjoint(sinks.DOING)
    assert telling | sinks.DOING == set(sinks.commands())


def _command(words: str) -> list[str]:
    known = set(sinks.commands())
    parts = words.split()
    return next(parts[:many] for many in (1, 2, 3) if " ".join(parts[:many]) in known)


def test_whatever_opens_connections_is_captured() -> None:
    assert sinks.senders() == sinks.SENDERS.keys()


@pytest.mark.parametrize("name", SPELLED)
def test_a_secret_is_found_however_it_is_spelled(name: str) -> None:
    assert any(form in b"before " + SPELLED[name] + b" after" for form in spellings(NAME))


def test_a_digest_of_a_receipt_is_found_without_its_dashes() -> None:
    receipt = "0ABC-DEFG-1234-5678-9JKM-NPQR"
    kept = sha256(receipt.replace("-", "").encode()).hexdigest().encode()
    assert kept in spellings(receipt)


def test_what_is_not_there_is_not_found() -> None:
    assert not any(form in bytes(range(256)) * 100 for form in spellings(NAME))
