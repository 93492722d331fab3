"""Reading what a form sent, without trusting any of it."""

from collections.abc import Mapping

from aiohttp import web

from bot.core.text import clean


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form, cleaned; files and repeated fields are left out.

    Raise `HTTPBadRequest` for a body that is no form, `HTTPRequestEntityTooLarge` for one that
    is too long.
    """
    try:
        sent = await request.post()
    except (ValueError, LookupError, AssertionError) as error:
        # Wrong boundaries, wrong escapes, letters of an encoding nobody knows.
        raise web.HTTPBadRequest from error
    return {name: clean(value) for name, value in sent.items() if isinstance(value, str)}
