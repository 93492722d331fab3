"""What was said in each conversation, as `listrecentchat` and `conversation` can tell it later."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# More than anybody pages through; a load test must not fill the memory.
KEPT: Final = 200

BY_OA: Final = 0
BY_USER: Final = 1

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One message; `src` is 0 of the OA, 1 of a person. `details` are what its kind brings."""

    src: int
    at_ms: int
    kind: str
    text: str
    message_id: str
    from_id: str
    to_id: str
    details: dict[str, object] = field(default_factory=dict)


def spoken(
    message: Mapping[str, object], *, src: int, kind: str, at_ms: int, from_id: str, to_id: str
) -> Spoken:
    """Return what an event's `message` said."""
    details: dict[str, object] = {}
    attachments = message.get("attachments")
    if isinstance(attachments, list) and attachments:
        details = _details(attachments[0]["payload"])
    return Spoken(
        src=src,
        at_ms=at_ms,
        kind=kind,
        text=str(message.get("text", "")),
        message_id=str(message["msg_id"]),
        from_id=from_id,
        to_id=to_id,
        details=details,
    )


def _details(payload: Mapping[str, object]) -> dict[str, object]:
    """Return a payload under the names the lists use."""
    if "coordinates" in payload:
        return {"location": payload["coordinates"]}
    names = {"thumbnail": "thumb", "url": "url", "description": "description"}
    return {shown: payload[name] for name, shown in names.items() if name in payload}


class ZaloHistory:
    """The last messages of every conversation, by OA and person or group."""

    def __init__(self) -> None:
        self._people: dict[Key, deque[Spoken]] = {}
        self._groups: dict[Key, deque[Spoken]] = {}

    def note(self, oa_id: str, with_id: str, spoken: Spoken, *, is_group: bool = False) -> None:
        """Remember one message."""
        lines = self._groups if is_group else self._people
        lines.setdefault((oa_id, with_id), deque(maxlen=KEPT)).append(spoken)

    def has(self, oa_id: str, with_id: str, message_id: str) -> bool:
        """Tell whether a message was said between an OA and a person."""
        lines = self._people.get((oa_id, with_id), ())
        return any(spoken.message_id == message_id for spoken in lines)

    def of_person(self, oa_id: str, user_id: str) -> list[Spoken]:
        """Return a conversation, the newest first."""
        return list(reversed(self._people.get((oa_id, user_id), ())))

    def of_group(self, oa_id: str, group_id: str) -> list[Spoken]:
        """Return a group's talk, the newest first."""
        return list(reversed(self._groups.get((oa_id, group_id), ())))

    def recent(self, oa_id: str, *, in_groups: bool) -> list[Spoken]:
        """Return the last message of each conversation, the newest first."""
        lines = self._groups if in_groups else self._people
        last = [spoken[-1] for (of, _), spoken in lines.items() if of == oa_id]
        return sorted(last, key=lambda spoken: spoken.at_ms, reverse=True)
