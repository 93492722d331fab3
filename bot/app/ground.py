"""What every service stands on: one storage, one vault, one book of words, and how they open."""

import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from bot.app.backup_files import ATTESTED
from bot.app.locking import ServeRole, make_data_folder
from bot.config import Config
from bot.core.errors import StorageTrouble
from bot.core.languages import Language
from bot.core.storage import Storage
from bot.core.time import Chance, Clock
from bot.services.edits.editions import Editions
from bot.storage.store import open_store
from bot.vault.vault import Vault, open_vault
from content.book import Book
from content.live import LiveBook

_FINGERPRINT: Final = "lasting_key"
_CALL_LIMIT_S: Final = 60


class PlatformSession:
    """One HTTP session for all calls to platforms, made when the first is needed."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._session: aiohttp.ClientSession | None = None

    def __call__(self) -> aiohttp.ClientSession:
        """Return the session."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_CALL_LIMIT_S),
                connector=aiohttp.TCPConnector(limit=100),
                # Nothing of one call may travel with another.
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Close the session if it was ever made."""
        if self._session is not None:
            await self._session.close()


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the services stand on. `language` is what channels tell officers in."""

    config: Config
    clock: Clock
    chance: Chance
    owner: str
    vault: Vault
    storage: Storage
    book: Book
    editions: Editions
    session: PlatformSession
    language: Language
    # Which part of the work this process does, or "command".
    role: str = "command"
    # Pairs of tokens are renewed in processes of their own (`bot.app.renewing`).
    renews_apart: bool = False


def owner_of(config: Config, role: str) -> str:
    """Return the name under which a process claims work: the same after every restart.

    No two processes share it, because the data directory is locked for each role.
    """
    folder = hashlib.sha256(str(config.data_dir).encode()).hexdigest()[:8]
    return f"{socket.gethostname()[:40]}:{folder}:{role}"


@asynccontextmanager
async def open_ground(
    config: Config, *, clock: Clock, chance: Chance, role: str, language: Language, cheap: bool
) -> AsyncIterator[Ground]:
    """Open book, vault and storage; close them in reverse. Raises what `open_program` does."""
    make_data_folder(config.data_dir)
    book = LiveBook(Book.load())
    async with AsyncExitStack() as stack:
        vault = open_vault(
            config.data_dir / "keys",
            clock=clock,
            cheap=cheap,
            with_routes=role != ServeRole.CONSOLE,
        )
        stack.callback(vault.close)
        storage = await stack.enter_async_context(
            open_store(config.database_url, audit_key=vault.audit, attesting=vault.lasting)
        )
        await _check_key(storage, vault)
        await _believe_keys_once(storage, vault, config.data_dir / "keys" / ATTESTED)
        editions = Editions(storage=storage, book=book)
        await editions.follow()
        session = PlatformSession()
        stack.push_async_callback(session.close)
        yield Ground(
            config=config,
            clock=clock,
            chance=chance,
            owner=owner_of(config, role),
            vault=vault,
            storage=storage,
            book=book,
            editions=editions,
            session=session,
            language=language,
            role=role,
        )


async def _believe_keys_once(storage: Storage, vault: Vault, marker: Path) -> None:
    """Attest the public keys that were there before they were attested, and never again.

    That it was done is written beside the keys, where who can change the database cannot.
    """
    ours = vault.lasting.fingerprint
    if _is_believed(marker, ours):
        return
    async with storage.begin() as work:
        await work.officers.attest_all()
        await work.commit()
    _note_believed(marker, ours)


def _is_believed(marker: Path, ours: str) -> bool:
    return marker.exists() and marker.read_text(encoding="ascii", errors="replace") == ours


def _note_believed(marker: Path, ours: str) -> None:
    marker.write_text(ours, encoding="ascii")
    marker.chmod(0o600)


async def _check_key(storage: Storage, vault: Vault) -> None:
    """Refuse to go on with another key than the database was sealed with."""
    ours = vault.lasting.fingerprint
    async with storage.begin() as work:
        known = await work.settings.get(_FINGERPRINT)
        # A kill between a commit and this machine's key file may have left a key too old.
        await work.audit.catch_up()
        if known is None:
            await work.settings.put(_FINGERPRINT, ours)
            await work.commit()
    if known is not None and known != ours:
        raise StorageTrouble(
            "keys/lasting.key is not the key this database was sealed with; put the right"
            " keys folder beside the database (restore both from the same backup)"
        )
