"""Makes a certificate for a server of the tests, as X.509 (RFC 5280) with Ed25519 (RFC 8410).

Written in DER by hand: no tool has to be there, and no private key lies among the files.
"""

import base64
from datetime import UTC, datetime
from pathlib import Path

from nacl.signing import SigningKey

_ED25519 = bytes.fromhex("06032b6570")
_COMMON_NAME = bytes.fromhex("0603550403")
_OTHER_NAMES = bytes.fromhex("0603551d11")
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)


def _tagged(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes(2, "big")
    return bytes([tag, 0x82]) + size + body


def _moment(at: datetime) -> bytes:
    return _tagged(0x17, at.strftime("%y%m%d%H%M%SZ").encode())


def _name(host: str) -> bytes:
    return _tagged(0x30, _tagged(0x31, _tagged(0x30, _COMMON_NAME, _tagged(0x0C, host.encode()))))


def write_certificate(folder: Path, host: str) -> Path:
    """Write key and certificate of `host` into one file; return its path. It signs itself."""
    key = SigningKey.generate()
    algorithm = _tagged(0x30, _ED25519)
    names = _tagged(0x30, _tagged(0x82, host.encode()))
    told = _tagged(
        0x30,
        _tagged(0xA0, _tagged(0x02, b"\x02")),
        _tagged(0x02, b"\x01"),
        algorithm,
        _name(host),
        _tagged(0x30, _moment(_FROM), _moment(_UNTIL)),
        _name(host),
        _tagged(0x30, algorithm, _tagged(0x03, b"\x00", bytes(key.verify_key))),
        _tagged(
            0xA3,
            _tagged(
                0x30,
                _tagged(0x30, _OTHER_NAMES, _tagged(0x04, names)),
            ),
        ),
    )
    whole = _tagged(0x30, told, algorithm, _tagged(0x03, b"\x00", key.sign(told).signature))
    private = _tagged(0x30, b"\x02\x01\x00", algorithm, _tagged(0x04, _tagged(0x04, bytes(key))))
    path = folder / f"{host}.pem"
    path.write_text(_pem("PRIVATE KEY", private) + _pem("CERTIFICATE", whole))
    return path


def _pem(name: str, body: bytes) -> str:
    text = base64.encodebytes(body).decode()
    return f"-----BEGIN {name}-----\n{text}-----END {name}-----\n"
