"""A strict mail server (RFC 5321, 3207, 4954) that plays troubles from a script.

Written from the standards, apart from the adapter. Every rule a client breaks is a complaint.
"""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_PATH = re.compile(rb"<([!-;=?-~]+@[A-Za-z0-9.-]+)>")
_LONGEST_LINE = 1000


@dataclass(slots=True, kw_only=True)
class Taken:
    """A letter the server answers for."""

    sender: str
    to: list[str]
    body: bytes
    was_encrypted: bool
    was_signed_in: bool


@dataclass(slots=True, kw_only=True)
class SmtpStub:
    """What the server does, and what happened. `says` overrides answers, by command."""

    trust: ssl.SSLContext
    is_tls_first: bool = False
    offers_tls: bool = True
    user: str = ""
    password: str = ""
    says: dict[str, str] = field(default_factory=dict)
    hangs_at: str = ""
    hangs_up_at: str = ""
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
            pass
        finally:
            writer.close()


class _Talk:
    def __init__(
        self, stub: SmtpStub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._stub = stub
        self._reader = reader
        self._writer = writer
        self._is_encrypted = stub.is_tls_first
        self._is_signed_in = False
        self._has_greeted = False
        self._sender = ""
        self._to: list[str] = []

    async def run(self) -> None:
        await self._answer("greeting", "220 stub.invalid ESMTP")
        while True:
            line = await self._line()
            word = line.split(b" ", 1)[0].upper().decode("ascii", "replace")
            self._stub.commands.append(word)
            if word != "EHLO" and not self._has_greeted:
                self._stub.complaints.append(f"{word} before EHLO")
            match word:
                case "EHLO":
                    await self._ehlo()
                case "STARTTLS":
                    await self._starttls()
                case "AUTH":
                    await self._auth(line)
                case "MAIL":
                    self._sender = self._path(line, b"MAIL FROM:")
                    self._to = []
                    await self._answer(word, "250 ok")
                case "RCPT":
                    await self._rcpt(line)
                case "DATA":
                    await self._data()
                case "NOOP" | "RSET":
                    await self._answer(word, "250 ok")
                case "QUIT":
                    await self._answer(word, "221 bye")
                    return
                case _:
                    self._stub.complaints.append(f"unknown command {word!r}")
                    await self._answer(word, "500 what?")

    async def _line(self) -> bytes:
        line = await self._reader.readuntil(b"\n")
        if not line.endswith(b"\r\n"):
            self._stub.complaints.append("a line that ends in no CRLF")
        if len(line) > _LONGEST_LINE or not line.isascii():
            self._stub.complaints.append("a line too long or not ASCII")
        return line.rstrip(b"\r\n")

    async def _answer(self, command: str, usual: str) -> bool:
        """Answer; return whether it was a yes."""
        if self._stub.hangs_at == command:
            await asyncio.sleep(3600)
        if self._stub.hangs_up_at == command:
            raise ConnectionResetError
        told = self._stub.says.get(command, usual)
        self._writer.write(told.encode() + b"\r\n")
        await self._writer.drain()
        return told[0] in "23"

    async def _ehlo(self) -> None:
        self._has_greeted = True
        lines = ["stub.invalid", "SIZE 1000000"]
        if self._stub.offers_tls and not self._is_encrypted:
            lines.append("STARTTLS")
        if self._stub.user and self._is_encrypted:
            lines.append("AUTH PLAIN")
        marks = ["-"] * (len(lines) - 1) + [" "]
        told = "\r\n".join(f"250{mark}{line}" for mark, line in zip(marks, lines, strict=True))
        await self._answer("EHLO", told)

    async def _starttls(self) -> None:
        if not await self._answer("STARTTLS", "220 go on"):
            return
        await self._writer.start_tls(self._stub.trust)
        self._is_encrypted, self._has_greeted = True, False

    async def _auth(self, line: bytes) -> None:
        if not self._is_encrypted:
            self._stub.complaints.append("a password in the clear")
        _, kind, given = line.split(b" ")
        said = base64.b64decode(given).decode().split("\0")
        wanted = ["", self._stub.user, self._stub.password]
        is_right = kind.upper() == b"PLAIN" and said == wanted
        usual = "235 welcome" if is_right else "535 5.7.8 no such user"
        self._is_signed_in = await self._answer("AUTH", usual)

    def _path(self, line: bytes, begin: bytes) -> str:
        found = _PATH.match(line[len(begin) :]) if line.upper().startswith(begin) else None
        if found is None:
            self._stub.complaints.append("a path that is none")
            return ""
        return found[1].decode()

    async def _rcpt(self, line: bytes) -> None:
        if not self._sender:
            self._stub.complaints.append("RCPT before MAIL")
        if await self._answer("RCPT", "250 ok"):
            self._to.append(self._path(line, b"RCPT TO:"))

    async def _data(self) -> None:
        if not self._to:
            self._stub.complaints.append("DATA for nobody")
        if not await self._answer("DATA", "354 go on"):
            return
        lines: list[bytes] = []
        while (line := await self._line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        letter = Taken(
            sender=self._sender,
            to=self._to,
            body=b"\r\n".join(lines),
            was_encrypted=self._is_encrypted,
            was_signed_in=self._is_signed_in,
        )
        if self._stub.says.get("body", "250")[0] == "2":
            self._stub.taken.append(letter)
            self._stub.came.set()
        await self._answer("body", "250 taken")


@asynccontextmanager
async def open_smtp(stub: SmtpStub) -> AsyncIterator[SmtpStub]:
    tls = stub.trust if stub.is_tls_first else None
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, ssl=tls)
    stub.port = server.sockets[0].getsockname()[1]
    try:
        yield stub
    finally:
        server.close()
