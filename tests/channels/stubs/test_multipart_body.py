"""Forms taken apart by hand hold what was put into them, whoever wrote them."""

import aiohttp
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.stubs.loopback_server import LoopbackServer
from tests.channels.stubs.multipart_body import FormPart, multipart_parts

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)
FILES = st.tuples(NAMES, st.binary(max_size=200), NAMES)
WORDS = st.text(st.characters(codec="utf-8"), max_size=50)
FIELDS = st.tuples(NAMES, WORDS.map(str.encode), st.none())


async def taken_apart(form: aiohttp.FormData) -> list[FormPart]:
    """Send a form over a real connection and return its parts."""
    heard: list[FormPart] = []

    async def listen(request: web.Request) -> web.Response:
        heard.extend(await multipart_parts(request))
        return web.Response()

    server = LoopbackServer(listen)
    await server.start()
    try:
        async with aiohttp.ClientSession() as client, client.post(server.url, data=form) as answer:
            assert answer.status == 200
    finally:
        await server.stop()
    return heard


@settings(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(FILES | FIELDS, min_size=1, max_size=4))
async def test_a_form_comes_apart_as_it_was_put_together(
    parts: list[tuple[str, bytes, str | None]],
) -> None:
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, data, filename in parts:
        form.add_field(name, data.decode() if filename is None else data, filename=filename)
    heard = await taken_apart(form)
    assert [(part.name, part.data, part.filename) for part in heard] == [
        (name, data, filename) for name, data, filename in parts
    ]
