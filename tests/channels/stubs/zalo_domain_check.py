"""How the developers' console makes sure that a domain is ours: a file at its root, or a tag."""

import re
from enum import StrEnum
from typing import Final

import aiohttp

CODE_MAX: Final = 75
TAG: Final = re.compile(
    r"<meta\s[^>]*zalo-platform-site-verification[^>]*>", re.IGNORECASE | re.DOTALL
)


class VerifiedBy(StrEnum):
    """What the console found."""

    FILE = "file"
    TAG = "tag"
    NOTHING = "nothing"


async def verify_domain(base_url: str, code: str) -> VerifiedBy:
    """Look for `zalo_verifier<code>.html` at the root, then for the tag in the root page."""
    if len(code) > CODE_MAX:
        raise ValueError(f"a code has at most {CODE_MAX} characters")
    async with aiohttp.ClientSession() as session:
        address = f"{base_url}/zalo_verifier{code}.html"
        async with session.get(address, allow_redirects=False) as answer:
            if answer.status == 200 and await answer.read():
                return VerifiedBy.FILE
        async with session.get(f"{base_url}/") as answer:
            found = TAG.search(await answer.text()) if answer.status == 200 else None
    is_there = found is not None and f'content="{code}"' in found[0]
    return VerifiedBy.TAG if is_there else VerifiedBy.NOTHING
