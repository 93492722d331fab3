"""Posts to addresses of other software: bounded in time, followed nowhere, answers not read."""

from collections.abc import Callable, Mapping
from typing import Final

import aiohttp

from bot.services.hooks.posting import NotPosted

# Under the ten seconds a page of the console may take, so that a try can say how it ended.
LIMIT_S: Final = 8.0


class HttpPoster:
    """Fits `bot.services.hooks.posting.Poster`."""

    def __init__(
        self, session: Callable[[], aiohttp.ClientSession], *, limit_s: float = LIMIT_S
    ) -> None:
        """Use the session that `session` returns; nothing is opened before the first post."""
        self._session = session
        self._limit_s = limit_s

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the status of the answer. Raise `NotPosted`."""
        try:
            async with self._session().post(
                url,
                data=body,
                headers={**headers, "User-Agent": "binhyen"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self._limit_s),
            ) as answer:
                # What else it says is nobody's business and might have no end.
                answer.close()
                return answer.status
        except TimeoutError as error:
            raise NotPosted("no_answer") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotPosted("no_connection") from error
