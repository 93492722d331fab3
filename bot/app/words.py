"""The words of an installation for commands that need nothing else of it: files and changes."""

from bot.config import Config
from bot.services.edits.editions import content_edits
from bot.storage.engine import read_url, sqlite_path
from bot.storage.store import open_store
from content.editions import Edition, edition


async def edited_words(config: Config) -> Edition:
    """Return the edition that residents are answered from. Makes no database.

    Raise `StorageTrouble`, `ContentError`.
    """
    path = sqlite_path(read_url(config.database_url))
    if path is not None and not path.is_file():
        return edition(())
    async with open_store(config.database_url) as store, store.read() as work:
        newest = await work.edits.newest()
    edits, _ = content_edits(newest)
    return edition(edits)
