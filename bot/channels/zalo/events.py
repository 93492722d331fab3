"""Zalo's events in our words. Whether a request may be believed is said in `signature`.

What each event is to us stands in `catalogue`, how its body looks in `bodies`.
"""

import hashlib
import hmac
import logging
import re
from collections import deque
from dataclasses import replace
from typing import Final

from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.bodies import Event, text_of, words_of
from bot.channels.zalo.catalogue import (
    CATALOGUE,
    VISITOR_PREFIX,
    is_of_group,
    is_of_visitor,
)
from bot.channels.zalo.facts_in import account_change_of, contact_of, group_change_of
from bot.channels.zalo.media_in import media_of, words_in
from bot.channels.zalo.signature import moment_of
from bot.core.messages import Incoming, IncomingKind
from bot.core.text import clean

log: Final = logging.getLogger(__name__)

UNKNOWN: Final = "unknown"
_SOURCES: Final = frozenset({"oa_profile", "message_invite", "social_plugin"})
_LONGEST_NAME: Final = 60
_LONGEST_MESSAGE_ID: Final = 100
_LONGEST_TEXT: Final = 20_000
_REMEMBERED: Final = 500
_MENTION: Final = re.compile(r"\[@[^\]\s]{0,80}\]?")


class OwnWords:
    """The ids of what the account itself said in groups lately, so that a quote of it is known."""

    def __init__(self) -> None:
        self._ids: deque[str] = deque(maxlen=_REMEMBERED)

    def note(self, message_id: str) -> None:
        """Remember one."""
        if message_id:
            self._ids.append(message_id)

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._ids


def to_incoming(
    event: Event, account: ZaloAccount, own: OwnWords, *, repeats: int = 0
) -> Incoming:
    """Return what `event` says. Raise `BadBody` if its timestamp is none.

    `own` holds what the account said in groups; echoes add to it.
    """
    kind = CATALOGUE.get(event.event_name)
    if kind is None:
        name = event.event_name[:_LONGEST_NAME]
        log.info("zalo.event_unknown", extra={"channel_id": account.id, "event_name": name})
    chat, sender = _sides(event, kind or IncomingKind.IGNORED)
    # No person has the account's own id.
    if kind is not IncomingKind.ACCOUNT and chat in {"", account.oa_id}:
        chat, sender, kind = "", "", kind and IncomingKind.IGNORED
    bare = Incoming(
        channel_id=account.id,
        event_id=_event_id(event, account),
        kind=kind or IncomingKind.IGNORED,
        chat=chat,
        sender=sender,
        event_name=_counted_as(event, kind),
        repeats=repeats,
        at=moment_of(str(event.timestamp)),
    )
    return _filled(bare, event, account, own)


def _filled(bare: Incoming, event: Event, account: ZaloAccount, own: OwnWords) -> Incoming:
    """Return the event with what its kind tells."""
    match bare.kind:
        case IncomingKind.TEXT | IncomingKind.MEDIA:
            return _said(bare, event, account, own)
        case IncomingKind.ECHO:
            return _echoed(bare, event, own)
        case IncomingKind.CONTACT:
            return replace(bare, contact=contact_of(event))
        case IncomingKind.GROUP:
            change = group_change_of(event, oa_id=account.oa_id)
            return replace(bare, group=change, is_group=True)
        case IncomingKind.ACCOUNT:
            return replace(bare, account=account_change_of(event))
        case _:
            return bare


def _said(bare: Incoming, event: Event, account: ZaloAccount, own: OwnWords) -> Incoming:
    """Return words or media of a person, alone with us or in a group."""
    text = (event.said.text or words_in(event))[:_LONGEST_TEXT]
    is_group = is_of_group(event.event_name)
    is_for_bot = True
    if is_group:
        is_named = f"[@{account.oa_id}]" in text
        # A mention is markup there: who is meant stays in the group.
        text = _MENTION.sub(" ", text)
        is_answer = text_of(event.said.quote_msg_id) in own
        is_for_bot = is_named or is_answer or text.lstrip().startswith("/")
    return replace(
        bare,
        is_group=is_group,
        is_for_bot=is_for_bot,
        text=clean(text),
        message_id=text_of(event.said.msg_id) or None,
        media=media_of(event) if bare.kind is IncomingKind.MEDIA else (),
    )


def _echoed(bare: Incoming, event: Event, own: OwnWords) -> Incoming:
    """Return what the account said; not the words of who wrote by hand: they are not ours."""
    message_id = text_of(event.said.msg_id)
    is_group = is_of_group(event.event_name)
    if is_group:
        own.note(message_id)
    text = "" if bare.sender else (event.said.text or words_in(event))[:_LONGEST_TEXT]
    return replace(bare, is_group=is_group, text=clean(text), message_id=message_id or None)


def _sides(event: Event, kind: IncomingKind) -> tuple[str, str]:
    """Return the chat and who acted in it; "" for what the event does not name."""
    match kind:
        case IncomingKind.ECHO:
            return _chat(event, event.to_id), event.admin_id
        case IncomingKind.TEXT | IncomingKind.MEDIA:
            return _chat(event, event.from_id), event.from_id
        case IncomingKind.GROUP:
            return text_of(event.group_id), ""
        case IncomingKind.ACCOUNT | IncomingKind.IGNORED:
            return "", ""
        case _:
            return event.person, event.person


def _chat(event: Event, other: str) -> str:
    """Return the chat that a message stands in; `other` is who is at its other end."""
    if is_of_group(event.event_name):
        return text_of(event.group_id) or event.to_id
    if is_of_visitor(event.event_name):
        conversation = text_of(event.said.conversation_id)
        return f"{VISITOR_PREFIX}{conversation}:{other}" if conversation and other else ""
    return other


def _counted_as(event: Event, kind: IncomingKind | None) -> str:
    """Return the name an event is counted by: known ones that have no effect, and `unknown`."""
    if kind is None:
        return UNKNOWN
    if event.event_name == "follow":
        source = words_of(event.source)
        return f"follow:{source}" if source in _SOURCES else "follow"
    return event.event_name if kind is IncomingKind.IGNORED else ""


def _event_id(event: Event, account: ZaloAccount) -> str:
    """Return what Zalo's repeats have in common: message and event, else event, whom and when."""
    name, message_id = event.event_name, text_of(event.said.msg_id)
    if message_id and len(name) <= _LONGEST_NAME and len(message_id) <= _LONGEST_MESSAGE_ID:
        return f"{name}:{message_id}"
    # The event's id is stored in the clear, so it may not hold a person's.
    subject = (event.person, text_of(event.group_id), *event.concerned)
    told = "\n".join((name, message_id, *subject, str(event.timestamp)))
    digest = hmac.digest(account.signing_secret.encode(), told.encode(), hashlib.sha256).hex()
    return f"{name[:_LONGEST_NAME]}:{digest[:32]}"
