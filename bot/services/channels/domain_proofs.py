"""Proof towards Zalo that the domain is ours: codes to copy, shown as file and as tag."""

import re
from collections.abc import Sequence
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.storage import Storage
from bot.services.audit import Audit
from bot.services.shared_read import SharedRead

_KEY: Final = "zalo_verifier"
# Caps that Zalo states: 20 domains, 75 characters.
_MOST: Final = 20
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,75}")
_FILE: Final = re.compile(r"zalo_verifier([A-Za-z0-9_-]{1,75})\.html")
_TAG: Final = re.compile(r"content\s*=\s*[\"']([A-Za-z0-9_-]{1,75})[\"']")


class DomainProofs:
    """The codes in use; each serves as `/zalo_verifier<code>.html` and as a tag of the pages."""

    def __init__(self, *, storage: Storage, audit: Audit) -> None:
        self._storage = storage
        self._audit = audit
        self._kept = SharedRead(self._read)

    async def codes(self) -> Sequence[str]:
        """Return the codes in the order they were typed."""
        kept = await self._kept()
        return kept.split() if kept else ()

    async def _read(self) -> str | None:
        return await self._storage.look(lambda work: work.settings.get(_KEY))

    async def found(self, code: str) -> str | None:
        """Return the code as it is kept, or None if it is another's."""
        return next((known for known in await self.codes() if known == code), None)

    async def put(self, typed: str, *, by: str) -> None:
        """Keep the codes of what was typed, one in a line: file names, tags or bare codes.

        Raise `RuleBroken` if a line is none of these.
        """
        codes = list(dict.fromkeys(_code(line) for line in typed.splitlines() if line.strip()))
        if len(codes) > _MOST:
            raise RuleBroken("domain_codes_many", most=_MOST)
        async with self._storage.begin() as work:
            await work.settings.put(_KEY, " ".join(codes))
            await self._audit.note(work, "domain.prove", by=by)
            await work.commit()


def _code(line: str) -> str:
    line = line.strip()
    found = _FILE.search(line) or (_TAG.search(line) if "<" in line else _CODE.fullmatch(line))
    if found is None:
        raise RuleBroken("domain_code_wrong")
    return found[1] if found.re is not _CODE else found[0]
