"""The cookie that opens one chat. Whoever holds it is the person; nobody else is asked.

The server keeps only a hash of it, so a copy of the database opens no chat.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from typing import Final

from aiohttp import web

from bot.core.time import Chance

COOKIE: Final = "tro_chuyen"
PATH: Final = "/tro-chuyen"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LIFE_S: Final = 180 * 24 * 3600


def token_of(request: web.Request) -> str | None:
    """Return the token a browser holds, or None if it has none of ours."""
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


def new_token(chance: Chance) -> str:
    """Return a fresh token of 256 random bits."""
    return urlsafe_b64encode(chance.token(32)).rstrip(b"=").decode()


def chat_of(token: str) -> str:
    """Return the name of the chat that a token opens."""
    return hashlib.sha256(token.encode()).hexdigest()


def give(response: web.StreamResponse, token: str, *, is_https: bool) -> None:
    """Leave the token with the browser, or renew its life."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=_LIFE_S,
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=is_https,
    )


def take(response: web.StreamResponse, *, is_https: bool) -> None:
    """Take the token away from the browser."""
    response.del_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict", secure=is_https)
