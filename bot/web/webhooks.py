"""What platforms post to: handed on byte by byte, answered as soon as it is on the disk."""

from aiohttp import web

from bot.core.channels import WebhookRequest
from bot.services.conversations.reception import Reception
from bot.web.gate import WEBHOOKS


class Webhooks:
    """Takes the requests of Zalo and Telegram."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def take(self, request: web.Request) -> web.Response:
        """Answer with the status that the reception gives."""
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        status = await self._reception.webhook(
            request.path, WebhookRequest(headers=headers, body=body)
        )
        return web.Response(status=status)

    async def take_zalo(self, request: web.Request) -> web.Response:
        """Answer as `take`, but 200 for an app that is not connected yet.

        Zalo's console saves an address only if it answers 200, and shows the secret that
        connecting needs beside it; what it posts until then is counted and dropped.
        An account of ours that cannot be opened is no such app: reception answers 503 for it.
        """
        response = await self.take(request)
        if response.status == web.HTTPNotFound.status_code:
            return web.Response()
        return response

    async def greet(self, _request: web.Request) -> web.Response:
        """Answer the platform's look at the address before it is used."""
        return web.Response()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of webhooks; GET answers HEAD too."""
        zalo = WEBHOOKS + "zalo/{app_id}"
        return [
            web.post(zalo, self.take_zalo),
            web.get(zalo, self.greet),
            web.post(WEBHOOKS + "telegram/{channel_id}", self.take),
        ]
