"""People on the stand-in Telegram and what they do: write, send, edit, tap, block, follow links.

Groups and channels have `telegram_groups`. A deed returns the update it makes; one the bot may not
see (privacy mode, a kind it did not ask for) is returned all the same but never handed over.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tests.channels.stubs.rule_book import RuleBook
from tests.channels.stubs.sent_log import Sent, SentButton
from tests.channels.stubs.stub_clock import StubClock
from tests.channels.stubs.telegram_chats import (
    ChatKind,
    ChatState,
    StoredMessage,
    TelegramChat,
    TelegramChats,
)
from tests.channels.stubs.telegram_desk import Callback
from tests.channels.stubs.telegram_events import block_of, message_of, tap_of, text_of
from tests.channels.stubs.telegram_files import FileStore, StoredFile
from tests.channels.stubs.telegram_members import Body, Member
from tests.channels.stubs.telegram_updates import Update, UpdateQueue
from tests.channels.stubs.telegram_webhook import TelegramWebhook

_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class TelegramCrowd:
    """One bot and everybody around it, before any of it is served over HTTP.

    `privacy_mode` is what its owner has set with BotFather: True hides a group's talk.
    """

    def __init__(self, *, bot_id: int, clock: StubClock, open_house: bool) -> None:
        self.clock = clock
        self.broken_rules = RuleBook()
        self.bot: Body = {
            "id": bot_id,
            "is_bot": True,
            "first_name": "Bot Thử",
            "username": "thu_nghiem_bot",
        }
        self.callbacks: dict[str, Callback] = {}
        self.chats = TelegramChats(bot=self.bot, open_house=open_house)
        self.files = FileStore(clock=clock)
        self.queue = UpdateQueue(clock=clock)
        self.webhook = TelegramWebhook(clock=clock, queue=self.queue, execute=self._obey)
        self.privacy_mode = True
        self._albums = 0

    async def _obey(self, body: Body) -> None:
        """Carry out a method call that came as the webhook's answer."""
        raise NotImplementedError

    def person(self, user_id: int, *, name: str = "") -> TelegramChat:
        """Return a person's private chat with the bot, begun if it was not yet."""
        return self.chats.seen(user_id, name=name)

    def set_state(self, chat_id: int, state: ChatState) -> None:
        """Block the bot, deactivate the account, delete or mute a group, or open it again."""
        self.chats.seen(chat_id).state = state

    def screen(self, chat_id: int) -> list[Sent]:
        """Return the bot's messages as they stand in a chat now: edited, without deleted ones."""
        messages = self.chats.seen(chat_id, started=False).messages.values()
        return [message.sent for message in messages if message.sent is not None]

    @property
    def unanswered_callbacks(self) -> list[str]:
        """Return the taps nobody answered."""
        return [key for key, callback in self.callbacks.items() if not callback.is_answered]

    async def user_says(
        self, user: int, text: str, *, chat: int | None = None, answers_to: int | None = None
    ) -> Update:
        """Let a person write, in private or in the group `chat`, perhaps quoting a message."""
        return self.user_sends(user, text_of(text), chat=chat, answers_to=answers_to)

    def user_sends(
        self,
        user: int,
        content: Body,
        *,
        chat: int | None = None,
        answers_to: int | None = None,
        sender: Body | None = None,
    ) -> Update:
        """Let a person send any content; see `telegram_bodies.CONTENTS` for one of each kind."""
        person = self.chats.seen(user, started=chat is None)
        where = person if chat is None else self.chats.seen(chat)
        if not where.is_private:
            where.members.setdefault(user, Member(user=person.as_user()))
        if answers_to is not None and answers_to in where.messages:
            content = {**content, "reply_to_message": where.messages[answers_to].body}
        return self.post(where, content, sender=sender or person.as_user())

    def user_sends_file(
        self, user: int, file: StoredFile, *, caption: str = "", chat: int | None = None
    ) -> Update:
        """Let a person send a file made by `stub.files.keep(...)`; the bot can download it."""
        return self.user_sends(user, _with_caption(file.as_media(), caption), chat=chat)

    def user_sends_album(
        self, user: int, files: Sequence[StoredFile], *, caption: str = "", chat: int | None = None
    ) -> list[Update]:
        """Let a person send an album: one update per file, the caption on the first alone."""
        self._albums += 1
        album = {"media_group_id": f"14{self._albums:015}"}
        return [
            self.user_sends(
                user, _with_caption(file.as_media(), "" if at else caption) | album, chat=chat
            )
            for at, file in enumerate(files)
        ]

    def user_edits(self, update: Update, text: str) -> Update:
        """Let whoever wrote a message change it: its text, or the caption of its picture."""
        kind = next(name for name in ("message", "channel_post") if name in update.body)
        before = update.body[kind]
        assert isinstance(before, dict)
        where = self.chats.seen(before["chat"]["id"], started=False)
        changed = text_of(text) if "text" in before else {"caption": text}
        body = {**before, **changed, "edit_date": self.today_s()}
        where.messages[before["message_id"]].body = body
        return self.push(
            f"edited_{kind}", body, lane=where.lane, is_seen=self.bot_sees(where, body)
        )

    async def user_taps(
        self, message: Sent, button: SentButton | str | int, *, user: int | None = None
    ) -> Update | None:
        """Let a person tap a button; a link opens in the browser and the bot hears nothing.

        A button of a reply keyboard says its title, or shares the person's number or place.
        """
        pressed = message.button(button)
        chat = self.chats.seen(int(message.to))
        person = self.chats.seen(chat.id if user is None else user, started=False)
        if message.markup == "keyboard":
            content = _said_by(pressed, person)
            return self.user_sends(person.id, content, chat=None if chat.is_private else chat.id)
        if pressed.kind != "callback_data":
            return None
        callback_id = str(4_611_686_018_427_000_000 + len(self.callbacks))
        self.callbacks[callback_id] = Callback(born_s=self.clock.seconds())
        stored = chat.messages.get(int(message.message_id))
        body: Body = (
            stored.body
            if stored is not None
            # Deleted in between: what is left of a message the server cannot show any more.
            else {"chat": chat.as_object(), "message_id": int(message.message_id), "date": 0}
        )
        content = tap_of(person, body, callback_id=callback_id, data=pressed.payload)
        return self.push("callback_query", content, lane=f"taps of {person.id}")

    async def user_blocks(self, user: int, *, is_over: bool = False) -> Update:
        """Let a person block the bot, or take it back; the bot hears of both."""
        person = self.chats.seen(user)
        person.state = ChatState.OPEN if is_over else ChatState.BLOCKED
        content = block_of(person, self.bot, date=self.today_s(), is_over=is_over)
        return self.push("my_chat_member", content, lane=f"place in {person.id}")

    async def user_opens_link(self, user: int, url: str) -> Update:
        """Let a person open `https://t.me/<bot>?start=<payload>` and press Start.

        A payload the platform would not carry is noted and lost, as it is there. Links with
        `startgroup` need a group: `stub.groups.user_opens_link`.
        """
        payload = self.payload_of(url, name="start")
        return await self.user_says(user, f"/start {payload}" if payload else "/start")

    def payload_of(self, url: str, *, name: str) -> str:
        """Return what a link carries; a broken link is written into the rule book."""
        parts = urlsplit(url)
        host_fits = parts.hostname in {"t.me", "telegram.me"}
        if not host_fits or parts.path.strip("/").lower() != self.bot["username"]:
            self.broken_rules.note("link", "a link to this bot", url[:40])
        payload = parse_qs(parts.query, keep_blank_values=True).get(name, [""])[0]
        if payload and not _PAYLOAD.fullmatch(payload):
            self.broken_rules.note("link", "a payload of 1 to 64 of A-Za-z0-9_-", name)
            return ""
        return payload

    def post(
        self,
        where: TelegramChat,
        content: Body,
        *,
        sender: Body | None,
        kind: str = "message",
        is_undeletable: bool = False,
    ) -> Update:
        """Put a message into a chat and tell the bot, if it may see it."""
        message_id = where.next_message_id()
        body = message_of(
            where, content, message_id=message_id, date=self.today_s(), sender=sender
        )
        where.messages[message_id] = StoredMessage(
            body=body,
            born_s=self.clock.seconds(),
            is_from_bot=False,
            is_undeletable=is_undeletable,
        )
        return self.push(kind, body, lane=where.lane, is_seen=self.bot_sees(where, body))

    def bot_sees(self, where: TelegramChat, body: Body) -> bool:
        """Tell whether the bot is shown a message: privacy mode hides most of a group's talk."""
        if where.is_private:
            return True
        if not where.bot.is_here:
            left = body.get("left_chat_member")
            return isinstance(left, dict) and left.get("id") == self.bot["id"]
        reads_all = where.bot.is_admin or where.kind is ChatKind.CHANNEL
        if reads_all or not self.privacy_mode:
            return True
        text = str(body.get("text", body.get("caption", "")))
        name = f"@{self.bot['username']}"
        if text.startswith("/"):
            command = text.split(maxsplit=1)[0]
            return command.endswith(name) if "@" in command else where.last_bot_is_ours
        quoted = body.get("reply_to_message")
        is_answer = isinstance(quoted, dict) and quoted.get("from") == self.bot
        is_service = not _TALK.intersection(body)
        named = re.search(rf"{re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
        return is_answer or is_service or named

    def today_s(self) -> int:
        """Return the moment as the platform writes dates."""
        return int(self.clock.now().timestamp())

    def push(self, kind: str, content: Body, *, lane: str, is_seen: bool = True) -> Update:
        """Queue any update, also kinds the bot never heard of."""
        update = self.queue.put(kind, content, lane=lane, is_seen=is_seen)
        self.webhook.wake()
        return update

    def push_again(self, update: Update) -> None:
        """Queue an update that was handed over before: a duplicate."""
        self.queue.put_again(update)
        self.webhook.wake()


# What people say and show, as opposed to what happens to a group.
_TALK: Final = frozenset(
    [
        *("text", "photo", "document", "voice", "audio", "video", "video_note", "animation"),
        *("sticker", "location", "venue", "contact", "poll", "dice", "story", "game"),
    ]
)


def _with_caption(media: Body, caption: str) -> Body:
    return media | {"caption": caption} if caption else media


def _said_by(button: SentButton, person: TelegramChat) -> Body:
    """Return what a tap on a button under the input field sends."""
    match button.kind:
        case "request_contact":
            return {
                "contact": {
                    "phone_number": "84900000000",
                    "first_name": person.name,
                    "user_id": person.id,
                }
            }
        case "request_location":
            return {"location": {"latitude": 21.0285, "longitude": 105.8542}}
        case _:
            return text_of(button.title)
