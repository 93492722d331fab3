"""The least a platform can be: it reads a message and answers as Telegram does.

For measures of our own speed, where a stand-in that checks rules would be the slower half. It
answers at once, or after a while like one at the other end of a line. It counts what it was sent;
`/counts` tells. Whether rules are kept is for the strict stand-ins.
`python -m benchmarks.quick_platform <port> [<milliseconds>]`.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import cast
from urllib.parse import unquote_plus
from urllib.request import urlopen

from benchmarks.loops import run

TOKEN = "123456:benchmark"  # noqa: S105 - invented
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_BOT = '{"id":123456,"is_bot":true,"first_name":"Bot","username":"a_bot"}'


@dataclass(slots=True, kw_only=True)
class Counts:
    """What the platform was sent since it was last asked."""

    messages: int = 0
    recipients: int = 0
    body_bytes: int = 0


class _Line(asyncio.Protocol):
    """One kept connection of a client."""

    def __init__(self, platform: "_Platform", *, after_s: float) -> None:
        self._platform = platform
        self._after_s = after_s
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none by inheritance.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        held = self._held + data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            head, begin = held[:end], end + 4
            length = _length(head)
            if len(held) < begin + length:
                break
            self._answer(head, held[begin : begin + length])
            held = held[begin + length :]
        self._held = held

    def _answer(self, head: bytes, body: bytes) -> None:
        answer = self._platform.answer(head, body)
        whole = _ANSWER % (len(answer), answer)
        if self._after_s:
            asyncio.get_running_loop().call_later(self._after_s, self._transport.write, whole)
        else:
            self._transport.write(whole)


class _Platform:
    def __init__(self) -> None:
        self._counts = Counts()
        self._chats: set[str] = set()

    def answer(self, head: bytes, body: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path.endswith(b"/sendMessage"):
            return self._sent(body)
        if path == b"/counts":
            counts, self._counts = self._counts, Counts()
            counts.recipients = len(self._chats)
            self._chats.clear()
            return json.dumps(asdict(counts)).encode()
        if path.endswith(b"/getMe"):
            return b'{"ok":true,"result":%b}' % _BOT.encode()
        return b'{"ok":true,"result":true}'

    def _sent(self, body: bytes) -> bytes:
        chat, text = _of_json(body) if body.startswith(b"{") else _of_form(body)
        self._counts.messages += 1
        self._counts.body_bytes += len(body)
        self._chats.add(chat)
        said = (
            f'{{"ok":true,"result":{{"message_id":{self._counts.messages},"from":{_BOT},'
            f'"chat":{{"id":{chat},"type":"private","first_name":"A"}},'
            f'"date":{int(time.time())},"text":{text}}}}}'
        )
        return said.encode()


def _of_json(body: bytes) -> tuple[str, str]:
    """Return the chat and the text, which is said as JSON."""
    fields = json.loads(body)
    return str(fields["chat_id"]), _as_json(fields["text"])


def _of_form(body: bytes) -> tuple[str, str]:
    fields = dict(field.split("=", 1) for field in body.decode().split("&"))
    return fields["chat_id"], _as_json(_unquoted(fields["text"]))


_as_json = lru_cache(maxsize=256)(json.dumps)
_unquoted = lru_cache(maxsize=256)(unquote_plus)


@lru_cache(maxsize=4096)
def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def taken(url: str) -> Counts:
    """Return what the platform at `url` was sent since it was last asked."""
    with urlopen(f"{url}/counts", timeout=10) as answer:  # noqa: S310 - loopback
        return Counts(**json.loads(answer.read()))


async def _serve(port: int, *, after_s: float) -> None:
    platform = _Platform()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Line(platform, after_s=after_s), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


def main() -> None:
    """Serve at the port named on the command line until terminated."""
    port, *milliseconds = (int(word) for word in sys.argv[1:])
    run(_serve(port, after_s=sum(milliseconds) / 1000))


if __name__ == "__main__":
    main()
