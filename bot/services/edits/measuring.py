"""Measuring the drafts that wait for it, one after the other, in a program apart.

Runs where officers are served. Whoever looks at a draft finds the effect in the database, so any
process may have measured it.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import msgspec

from bot.core.edits import Draft
from bot.core.errors import NotFound
from bot.core.storage import Storage
from bot.core.time import Clock
from bot.services.edits.editions import Editions
from bot.services.edits.effect import Effect
from bot.services.edits.measure import Asked, asked_of
from content.edits import ContentEdit

log = logging.getLogger(__name__)

# It took 53 s beside much other work on two cores. Only who changes something waits for it.
LIMIT_S: Final = 240.0
_LOOK_S: Final = 5.0
_LEASE: Final = timedelta(seconds=LIMIT_S + 30)


class NotMeasured(Exception):
    """The program apart took too long or failed."""


class Measure(Protocol):
    """Finds what changing `before` into `after` does. Raises `NotMeasured`."""

    async def __call__(
        self, before: Sequence[ContentEdit], after: Sequence[ContentEdit]
    ) -> Effect:
        """Return the effect."""
        ...


class Measuring:
    """Measures drafts until stopped."""

    def __init__(
        self, *, storage: Storage, editions: Editions, measure: Measure, clock: Clock, owner: str
    ) -> None:
        self._storage = storage
        self._editions = editions
        self._measure = measure
        self._clock = clock
        self._owner = owner

    async def run(self, stopping: asyncio.Event) -> None:
        """Measure what waits, again and again, until `stopping` is set."""
        async with asyncio.TaskGroup() as group:
            working = group.create_task(self._forever())
            await stopping.wait()
            # What is being measured is measured again at the next start.
            working.cancel()

    async def _forever(self) -> None:
        while True:
            while await self.one():
                continue
            await self._editions.drafted.wait(_LOOK_S)

    async def one(self) -> bool:
        """Measure the draft that waits longest; tell whether there was one to be measured here."""
        now = self._clock.now()
        async with self._storage.begin() as work:
            draft = await work.drafts.unmeasured()
            if draft is None or not await work.claims.lease(
                "measure_content", owner=self._owner, now=now, until=now + _LEASE
            ):
                return False
            await work.commit()
        await self._editions.follow()
        found = await self._effect_of(draft)
        async with self._storage.begin() as work:
            # Somebody may have thrown it away meanwhile.
            with suppress(NotFound):
                kept = await work.drafts.get(draft.id)
                await work.drafts.save(replace(kept, effect=found))
            await work.commit()
        return True

    async def _effect_of(self, draft: Draft) -> str:
        before = list(self._editions.edits)
        after = with_change(before, draft)
        try:
            return (await self._measure(before, after)).written
        except NotMeasured:
            log.exception("words.not_measured", extra={"draft": draft.id})
            return ""


def with_change(edits: Sequence[ContentEdit], draft: Draft) -> list[ContentEdit]:
    """Return `edits` with what the draft changes; in the place of what it replaces, or last."""
    others = [one for one in edits if (one.kind, one.key) != (draft.kind, draft.key)]
    if draft.value is None:
        return others
    return [*others, ContentEdit.read(draft.kind, draft.key, draft.value)]


async def measured_apart(before: Sequence[ContentEdit], after: Sequence[ContentEdit]) -> Effect:
    """Return the effect as a program of its own finds it. Raise `NotMeasured`."""
    asked = Asked(before=asked_of(before), after=asked_of(after))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-B", "-m", "bot.services.edits.measure"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # Nothing of ours: no settings, no secrets.
        env={},
        cwd="/",
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            out, _ = await process.communicate(msgspec.json.encode(asked))
    except TimeoutError as error:
        raise NotMeasured("it took too long") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    found = Effect.read(out.decode("utf-8", "replace")) if process.returncode == 0 else None
    if found is None:
        raise NotMeasured(f"it ended with {process.returncode}")
    return found
