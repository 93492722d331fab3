"""The audit chain's key for the auditor, and the second place its heads are brought to."""

import asyncio
import os
from pathlib import Path
from typing import Final

from bot.app.program import Program
from bot.services.audit_heads import AuditHeads, HeadNotPosted, HeadPlace
from bot.services.audit_keys import AuditorKeys
from bot.services.audit_view import AuditView
from bot.services.hooks.posting import NotPosted, Poster
from bot.web.posting import HttpPoster

_LIMIT_S: Final = 15.0


class HeadFile:
    """A file heads are added to, on another machine's disk that is mounted here."""

    def __init__(self, path: Path) -> None:
        """Add to `path`; its folder must be there, so that an absent mount is noticed."""
        self._path = path

    async def post(self, line: str) -> None:
        """Add a line and see it to the disk. Raise `HeadNotPosted`."""
        try:
            async with asyncio.timeout(_LIMIT_S):
                await asyncio.to_thread(self._add, line)
        except TimeoutError as error:
            raise HeadNotPosted("no_answer") from error
        except OSError as error:
            raise HeadNotPosted(error.strerror or type(error).__name__) from error

    def _add(self, line: str) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, f"{line}\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)


class HeadAddress:
    """An address heads are posted to as JSON."""

    def __init__(self, url: str, poster: Poster) -> None:
        """Post to `url`."""
        self._url = url
        self._poster = poster

    async def post(self, line: str) -> None:
        """Post a head. Raise `HeadNotPosted`."""
        headers = {"Content-Type": "application/json"}
        try:
            status = await self._poster.post(self._url, line.encode(), headers)
        except NotPosted as error:
            raise HeadNotPosted(error.why) from error
        if not 200 <= status < 300:  # noqa: PLR2004 - every status that says yes
            raise HeadNotPosted(f"answered_{status}")


def made_audit_heads(program: Program) -> AuditHeads:
    """Return what keeps and posts the heads of days."""
    to = program.config.audit_head_to
    place: HeadPlace | None = None
    if "://" in to:
        place = HeadAddress(to, HttpPoster(program.session))
    elif to:
        place = HeadFile(Path(to))
    return AuditHeads(
        storage=program.storage,
        notices=program.notices,
        place=place,
        clock=program.clock,
        zone=program.config.timezone,
    )


def made_audit_view(program: Program) -> AuditView:
    """Return what shows the chain on a page."""
    return AuditView(
        storage=program.storage,
        audit=program.audit,
        keys=made_auditor_keys(program),
        zone=program.config.timezone,
    )


def made_auditor_keys(program: Program) -> AuditorKeys:
    """Return what shows the auditor's key."""
    return AuditorKeys(storage=program.storage, audit=program.audit, starts=program.vault.audit)
