"""What both ways of telling on the page share: who must wait, storing, the receipt shown once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bot.core.errors import LocatorTaken
from bot.core.storage import Storage
from bot.core.turns import Effect
from bot.core.units import Unit
from bot.services.qr_codes import Modules
from bot.services.soft_limit import SoftLimit
from bot.services.tips.receiving.intake import Submission
from bot.web.addresses import Network, address_of, crowd_of
from bot.web.pages import Pages, top_of
from bot.web.pictures import qr
from bot.web.sent_again import SentAgain

# Thirty people behind one address may send at the same moment; after that, one every 3 s.
BURST: Final = 30
EVERY_S: Final = 3.0
# Each takes up to thirty megabytes of memory while it comes.
MOST_UPLOADS: Final = 8
BUSY_S: Final = 10
_NO_STORE: Final = "no-store"
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A receipt and its code, as they are shown once."""

    receipt: str = field(repr=False)
    code: Modules = field(repr=False)


class TipDoor:
    """Stores tips that come over the page and answers with pages nobody keeps."""

    def __init__(
        self,
        *,
        storage: Storage,
        pages: Pages,
        limit: SoftLimit,
        sent_again: SentAgain[Shown],
        trusted_proxies: Sequence[Network],
    ) -> None:
        self._storage = storage
        self.pages = pages
        self._limit = limit
        self._sent_again = sent_again
        self._trusted = trusted_proxies
        self._uploads = 0

    def wait_s(self, request: web.Request) -> int:
        """Return how long the guest must wait, 0 for not at all; no address is kept."""
        return self._limit.wait_s(crowd_of(address_of(request, self._trusted)))

    def begin_upload(self) -> bool:
        """Tell whether files may be taken into memory now; then `end_upload` must follow."""
        if self._uploads >= MOST_UPLOADS:
            return False
        self._uploads += 1
        return True

    def end_upload(self) -> None:
        """Give the place to the next."""
        self._uploads -= 1

    def was_sent(self, mark: bytes) -> bool:
        """Tell whether the very same came from the same page before; nothing stands before it."""
        return self._sent_again.knows(mark)

    async def stored(self, make: Callable[[], Awaitable[Submission]], *, mark: bytes) -> Shown:
        """Store what `make` submits, once for each `mark`; return its receipt."""
        return await self._sent_again.answer(mark, lambda: self._stored(make))

    async def _stored(self, make: Callable[[], Awaitable[Submission]]) -> Shown:
        for tries_left in reversed(range(_TRIES)):
            submission = await make()
            try:
                await self.carry_out(submission.effect)
            except LocatorTaken:
                if not tries_left:
                    raise
                continue
            return Shown(submission.receipt.text, submission.code)
        raise AssertionError("the last try returns or raises")

    async def carry_out(self, effect: Effect) -> None:
        """Carry out what a use case wants changed, in one transaction."""
        await self._storage.change(effect)

    async def receipt(
        self,
        request: web.Request,
        shown: Shown,
        *,
        is_urgent: bool,
        danger_number: str = "",
        among: Sequence[Unit] | None = None,
    ) -> web.Response:
        """Return the page that shows a receipt, this once."""
        say = self.pages.say
        return await self.page(
            request,
            "tip_sent.html",
            among=among,
            receipt=shown.receipt,
            is_urgent=is_urgent,
            danger_number=danger_number,
            qr=qr(shown.code, title=say("tip_receipt", self.pages.language(request))),
        )

    async def page(
        self,
        request: web.Request,
        template: str,
        *,
        status: int = 200,
        among: Sequence[Unit] | None = None,
        **values: object,
    ) -> web.Response:
        """Return a page that no browser and no proxy keeps.

        `among` are all units, if the caller has just looked: then nothing is asked for again.
        It is without the proofs of the domain, which nobody looks for in the answer to a form.
        """
        if among is None:
            response = await self.pages.render(request, template, status=status, **values)
        else:
            top = top_of(among)
            response = self.pages.framed(
                request, template, top, status=status, proofs=(), **values
            )
        response.headers["Cache-Control"] = _NO_STORE
        return response
