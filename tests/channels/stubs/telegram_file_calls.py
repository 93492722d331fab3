"""The Bot API methods that send pictures, documents, voices and albums, and that fetch files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from tests.channels.stubs.telegram_desk import Content, Method, TelegramDesk, called
from tests.channels.stubs.telegram_files import PICTURE_BEGINNINGS, FileStore, StoredFile
from tests.channels.stubs.telegram_members import Body
from tests.channels.stubs.telegram_request import Params, TelegramRefusal, Upload
from tests.channels.stubs.telegram_text import CAPTION_MAX, ShownText, shown_text

MEGABYTE: Final = 1024 * 1024
FILE_MAX_BYTES: Final = {
    "photo": 10 * MEGABYTE,
    "document": 50 * MEGABYTE,
    "voice": 50 * MEGABYTE,
    "video": 50 * MEGABYTE,
}
ALBUM_MIN: Final = 2
ALBUM_MAX: Final = 10
ALBUM_KINDS: Final = frozenset({"photo", "video", "document", "audio"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramFileCalls:
    """Uploads once, shows often: every sent file gets a handle that can be sent again."""

    desk: TelegramDesk
    files: FileStore

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by their Bot API names."""
        return {
            "sendPhoto": self._photo,
            "sendDocument": self._document,
            "sendVoice": self._voice,
            "sendMediaGroup": self._album,
            "getFile": self._file,
        }

    async def _photo(self, params: Params) -> object:
        return self._send("sendPhoto", params, kind="photo")

    async def _document(self, params: Params) -> object:
        return self._send("sendDocument", params, kind="document")

    async def _voice(self, params: Params) -> object:
        return self._send("sendVoice", params, kind="voice")

    def _send(self, method: str, params: Params, *, kind: str) -> object:
        caption = shown_text(params, name="caption", most=CAPTION_MAX)
        self.desk.chats.write_into(params.integer("chat_id"), what=called(kind))
        content = self._content(params, kind=kind, field=kind, caption=caption)
        upload = params.uploads.get(kind)
        if upload is not None:
            self.desk.flood.admit_upload(method, size_bytes=upload.size_bytes)
        return self.desk.deliver(method, params, content)

    def _content(self, params: Params, *, kind: str, field: str, caption: ShownText) -> Content:
        """Return a file from the form, or one known by its handle, with its caption."""
        upload = params.uploads.get(field)
        if upload is not None:
            file = self._kept(upload, kind=kind)
            return Content(shown=caption, media=file.as_media(), file=file.as_sent())
        handle = params.text(field) or ""
        if not handle:
            raise _refused(f"there is no {kind} in the request", rule=f"{kind} is there")
        if handle.startswith("attach://"):
            raise _refused(
                "can't parse InputMedia: media not found", rule="attach:// names a part"
            )
        if handle.startswith(("http://", "https://")):
            raise _refused("failed to get HTTP URL content", rule="files are sent, not linked")
        file = self.files.find(handle)
        if file.kind != kind:
            raise _refused(
                f"can't use file of type {file.kind.title()} as {kind.title()}",
                rule="a handle is used for its own kind",
            )
        return Content(shown=caption, media=file.as_media(), file=file.as_sent(reference=handle))

    def _kept(self, upload: Upload, *, kind: str) -> StoredFile:
        most = FILE_MAX_BYTES.get(kind, 50 * MEGABYTE)
        if upload.size_bytes == 0:
            raise _refused("file must be non-empty", rule="a file has bytes")
        if upload.size_bytes > most:
            rule = f"a {kind} has 1 to {most} bytes"
            if kind == "photo" and upload.size_bytes <= FILE_MAX_BYTES["document"]:
                raise _refused(
                    f"file of size {upload.size_bytes} bytes is too big for a photo;"
                    f" the maximum size is {most} bytes",
                    rule=rule,
                )
            raise TelegramRefusal(413, "Request Entity Too Large", rule=rule)
        if kind == "photo" and not upload.data.startswith(PICTURE_BEGINNINGS):
            raise _refused("IMAGE_PROCESS_FAILED", rule="a photo is a picture")
        return self.files.keep(kind, name=upload.name, data=upload.data)

    async def _album(self, params: Params) -> object:
        items = params.structure("media")
        if not isinstance(items, list):
            raise _refused("expected an Array of InputMedia", rule="an album is a list")
        if len(items) > ALBUM_MAX:
            raise _refused("too many messages to send as an album", rule="an album has 2 to 10")
        if len(items) < ALBUM_MIN:
            raise _refused("media group must include 2-10 items", rule="an album has 2 to 10")
        if params.structure("reply_markup") is not None:
            raise _refused("albums have no keyboard", rule="an album has no keyboard")
        kinds = {str(item.get("type")) for item in items if isinstance(item, dict)}
        mixed = len(kinds) > 1 and not kinds <= {"photo", "video"}
        if not kinds <= ALBUM_KINDS or mixed:
            raise _refused(
                "can't use the media of the specified type in the album",
                rule="an album of pictures and videos, or of documents",
            )
        what = called("document" if "document" in kinds else "photo")
        chat = self.desk.chats.write_into(params.integer("chat_id"), what=what)
        quotes = self.desk.quoted(params, chat=chat)
        contents = [self._item(params, cast(Body, item)) for item in items]
        size_bytes = sum(upload.size_bytes for upload in params.uploads.values())
        self.desk.flood.admit_upload("sendMediaGroup", size_bytes=size_bytes)
        self.desk.flood.admit("sendMediaGroup", chat_id=chat.id, count=len(contents))
        album = f"13{chat.last_message_id + 1:015}"
        return [
            self.desk.show("sendMediaGroup", chat, content, quotes=quotes, album=album)
            for content in contents
        ]

    def _item(self, params: Params, item: Body) -> Content:
        """Return one item of an album, whose file is a handle or a part of the same form."""
        where = str(item.get("media") or "")
        caption = shown_text(Params(values=item), name="caption", most=CAPTION_MAX)
        inner = replace(params, values={"media": where}, uploads={})
        if where.startswith("attach://"):
            upload = params.uploads.get(where.removeprefix("attach://"))
            inner = replace(inner, uploads={"media": upload} if upload else {})
        return self._content(inner, kind=str(item.get("type")), field="media", caption=caption)

    async def _file(self, params: Params) -> object:
        return self.files.link(params.text("file_id") or "")


def _refused(reason: str, *, rule: str) -> TelegramRefusal:
    return TelegramRefusal(400, f"Bad Request: {reason}", rule=rule)
