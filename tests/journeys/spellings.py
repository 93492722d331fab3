"""Every spelling in which something may have been kept, for searching."""

import binascii
import hashlib
import html
import json
import unicodedata
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, quote_plus

DIGESTS: Final = ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s", "sha3_256")
# Shorter than this, bytes stand by chance in what is random.
_SHORTEST: Final = 5


def spellings(secret: str) -> set[bytes]:
    """Return `secret` in every spelling that is long enough to mean something."""
    return {form for form in _spellings(secret) if len(form) >= _SHORTEST}


def _spellings(secret: str) -> Iterator[bytes]:
    for form in _written(secret):
        plain = form.encode()
        yield from (plain, form.encode("utf-16-le"), form.encode("utf-16-be"))
        yield from (quote(form).encode(), json.dumps(form).encode()[1:-1])
    plain = secret.encode()
    yield from (plain.hex().encode(), plain.hex().upper().encode(), quote_plus(secret).encode())
    yield from (html.escape(secret).encode(), secret.encode("ascii", "xmlcharrefreplace"))
    for offset in range(3):
        # The first and last letters depend on the neighbours.
        padded = b"\0" * offset + plain
        yield from (b64encode(padded)[4:-4], urlsafe_b64encode(padded)[4:-4])
    yield b32encode(plain)[:-8]
    # As it is shown, as a program keeps it, and as people type it.
    for form in {secret, secret.replace("-", ""), secret.lower()}:
        yield from _digests(form.encode())
    if secret.isdecimal():
        yield f"{int(secret):x}".encode()
        yield int(secret).to_bytes(8, "big").lstrip(b"\0")
        yield int(secret).to_bytes(8, "little").rstrip(b"\0")


def _written(secret: str) -> set[str]:
    """Return the secret as people and programs write it."""
    forms = {secret, secret.lower(), secret.replace("-", ""), secret.replace("-", " ")}
    return forms | {unicodedata.normalize(kind, form) for kind in ("NFC", "NFD") for form in forms}


def _digests(plain: bytes) -> Iterator[bytes]:
    for name in DIGESTS:
        digest = hashlib.new(name, plain).digest()
        yield from (digest, digest.hex().encode(), b64encode(digest).rstrip(b"="))
    yield f"{binascii.crc32(plain):08x}".encode()
