"""Whom the tests write to, and what they send."""

from typing import Final

from bot.core.ids import AttachmentId
from bot.core.messages import Address, Attachment, AttachmentKind
from tests.channels.rigs_telegram import CHANNEL_ID, PERSON
from tests.channels.stand_ins import MemoryAttachments

TO: Final = Address(channel_id=CHANNEL_ID, chat=str(PERSON))
GROUP: Final = -1_002_003_004_005
TO_GROUP: Final = Address(channel_id=CHANNEL_ID, chat=str(GROUP), is_group=True)
OFFICER: Final = 5_100_200_309
PNG: Final = b"\x89PNG\r\n\x1a\n" + b"x" * 64


def kept(
    attachments: MemoryAttachments,
    body: bytes = PNG,
    *,
    kind: AttachmentKind = AttachmentKind.PICTURE,
    name: str = "anh.png",
) -> Attachment:
    """Store something to send."""
    one = Attachment(
        id=AttachmentId(f"at-{name}"),
        kind=kind,
        name=name,
        media_type="image/png" if kind is AttachmentKind.PICTURE else "application/pdf",
        size_bytes=len(body),
    )
    attachments.bodies[one.id] = body
    return one
