"""The least that could be done: aiohttp, the same signature check, 200. For comparison only."""

import asyncio
import hashlib
import hmac
import importlib
import json
import sys

from aiohttp import web


def main() -> None:
    port, secret = int(sys.argv[1]), sys.argv[2]

    async def webhook(request: web.Request) -> web.Response:
        body = await request.read()
        event = json.loads(body)
        signed = event["app_id"].encode() + body + event["timestamp"].encode() + secret.encode()
        expected = hashlib.sha256(signed).hexdigest()
        given = request.headers.get("X-ZEvent-Signature", "").removeprefix("mac=")
        return web.Response(status=200 if hmac.compare_digest(expected, given) else 403)

    app = web.Application()
    app.router.add_post("/webhooks/zalo/{app_id}", webhook)
    try:
        loop = importlib.import_module("uvloop").new_event_loop()
    except ModuleNotFoundError:
        loop = asyncio.new_event_loop()
    # The same loop as the program's, or the comparison would be one of loops.
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=loop)


if __name__ == "__main__":
    main()
