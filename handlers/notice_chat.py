"""An officer names the private chat in which the program tells what will not wait.

Only a code from the console is taken; who is no officer has none, and learns nothing here.
"""

from functools import partial

from bot.core.turns import Handled, Turn
from bot.services.notices import Notices
from content.book import Book
from handlers.dialogue import ends, says


class NoticeChat:
    """Takes the code that an officer got in the console."""

    def __init__(self, book: Book, notices: Notices) -> None:
        self._say = book.voice("notices", "chat_linked", "chat_code_wrong")
        self._notices = notices

    async def link(self, turn: Turn, code: str) -> Handled:
        """Make this chat one for notices, or say that the code is of no use."""
        if not await self._notices.knows(code):
            return ends(says(self._say("chat_code_wrong", turn.language)))
        effect = partial(self._notices.link, code=code, to=turn.incoming.address)
        return Handled(replies=(says(self._say("chat_linked", turn.language)),), effects=(effect,))
