"""How Zalo's OA API says yes and no: one envelope, always with status 200."""

import json

from aiohttp import web


class ZaloRefusal(Exception):
    """The OA API says no; `rule` is set if the caller broke one, None if the world just is so."""

    def __init__(self, code: int, text: str, *, rule: str | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.rule = rule


class ZaloNotFound(Exception):
    """There is no such path: an HTTP 404, not an envelope."""


def wrong(text: str, *, rule: str) -> ZaloRefusal:
    """Return the -201 of a parameter that is not what it must be."""
    return ZaloRefusal(-201, text, rule=rule)


def too_much(text: str, *, rule: str) -> ZaloRefusal:
    """Return the -210 of a parameter above its limit."""
    return ZaloRefusal(-210, text, rule=rule)


def envelope(data: object) -> dict[str, object]:
    """Return the body of a success."""
    return {"data": data, "error": 0, "message": "Success"}


def failure(code: int, text: str) -> dict[str, object]:
    """Return the body of a failure: no `data`."""
    return {"error": code, "message": text}


def page(body: dict[str, object], headers: dict[str, str] | None = None) -> web.Response:
    """Return a body as Zalo sends it."""
    return web.Response(
        text=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        content_type="application/json",
        headers=headers,
    )
