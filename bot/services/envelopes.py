"""What stands in the database only sealed: arrivals, answers, steps, secrets, letters.

Spelling (JSON by msgspec) and sealing are joined here, so that no caller can do one without
the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from bot.core.deliveries import Lane, Reply
from bot.core.dialogues import Step
from bot.core.ids import ChannelId, ConversationKey, HookCallId, HookId
from bot.core.inbox import Arrival
from bot.core.messages import Address, Contact, Incoming, Outgoing
from bot.core.sealing import Pseudonyms, Seal, SealBroken
from bot.core.text import clean
from bot.core.time import Clock

_Noun = TypeVar("_Noun")
_ENCODER: Final = msgspec.json.Encoder()
_INCOMING: Final = msgspec.json.Decoder(Incoming)
_STEP: Final = msgspec.json.Decoder(Step)
_OUTGOING: Final = msgspec.json.Decoder(Outgoing)
_ADDRESS: Final = msgspec.json.Decoder(Address)
_CONTACT: Final = msgspec.json.Decoder(Contact)
_CREDENTIALS: Final = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    to: Address
    message: Outgoing


_ANSWER: Final = msgspec.json.Decoder(_Answer)


class Envelopes:
    """Seals and opens. `passing` holds what is soon gone, `lasting` what is kept."""

    def __init__(
        self, *, passing: Seal, lasting: Seal, pseudonyms: Pseudonyms, clock: Clock
    ) -> None:
        self._passing = passing
        self._lasting = lasting
        self._pseudonyms = pseudonyms
        self._clock = clock

    def conversation(self, channel_id: ChannelId, chat: str) -> ConversationKey:
        """Return the pseudonym of one chat on one channel."""
        name = self._pseudonyms.pseudonym("conversation", f"{channel_id}|{chat}")
        return ConversationKey(name)

    def echo_mark(self, to: Address, text: str) -> str:
        """Return the pseudonym of a text in a chat, however its spaces are set."""
        told = " ".join(clean(text).split())
        return self._pseudonyms.pseudonym("echo", f"{to.channel_id}|{to.chat}|{told}")

    def arrival(self, incoming: Incoming) -> Arrival:
        """Return what to store of something that happened.

        The platform's id of it stands there only as a pseudonym: with the platform's own
        records it would lead to the one who wrote.
        """
        event_id = self._pseudonyms.pseudonym(
            "event", f"{incoming.channel_id}|{incoming.event_id}"
        )
        return Arrival(
            channel_id=incoming.channel_id,
            event_id=event_id,
            conversation=self.conversation(incoming.channel_id, incoming.chat),
            sealed=self._passing.seal(
                "inbox", _ENCODER.encode(incoming), about=_about(incoming.channel_id, event_id)
            ),
            arrived_at=self._clock.now(),
        )

    def open_arrival(self, channel_id: ChannelId, event_id: str, sealed: bytes) -> Incoming:
        """Return what happened. Raise `SealBroken` or `KeyGone`."""
        about = _about(channel_id, event_id)
        return _read(_INCOMING, self._passing.open("inbox", sealed, about=about))

    def reply(self, to: Address, message: Outgoing, *, lane: Lane = Lane.REPLY) -> Reply:
        """Return the row of the outbox for one answer."""
        conversation = self.conversation(to.channel_id, to.chat)
        plain = _ENCODER.encode(_Answer(to=to, message=message))
        return Reply(
            channel_id=to.channel_id,
            conversation=conversation,
            sealed=self._passing.seal("outbox", plain, about=conversation.encode()),
            lane=lane,
        )

    def open_reply(self, conversation: ConversationKey, sealed: bytes) -> tuple[Address, Outgoing]:
        """Return where an answer goes and what it says. Raise `SealBroken` or `KeyGone`."""
        plain = self._passing.open("outbox", sealed, about=conversation.encode())
        answer = _read(_ANSWER, plain)
        return answer.to, answer.message

    def step(self, conversation: ConversationKey, step: Step) -> bytes:
        """Return a step sealed for its conversation."""
        return self._passing.seal("step", _ENCODER.encode(step), about=conversation.encode())

    def open_step(self, conversation: ConversationKey, sealed: bytes) -> Step:
        """Return a saved step. Raise `SealBroken` or `KeyGone`."""
        return _read(_STEP, self._passing.open("step", sealed, about=conversation.encode()))

    def shelved(self, conversation: ConversationKey, key: str, body: bytes) -> bytes:
        """Return a picture of a tip that is being written, sealed for the shelf."""
        return self._passing.seal("shelf", body, about=f"{conversation}|{key}".encode())

    def open_shelved(self, conversation: ConversationKey, key: str, sealed: bytes) -> bytes:
        """Return a picture from the shelf. Raise `SealBroken` or `KeyGone`."""
        return self._passing.open("shelf", sealed, about=f"{conversation}|{key}".encode())

    def letter(self, mailbox: ConversationKey, message: Outgoing) -> bytes:
        """Return a message sealed for a browser's mailbox."""
        return self._lasting.seal("letter", _ENCODER.encode(message), about=mailbox.encode())

    def open_letter(self, mailbox: ConversationKey, sealed: bytes) -> Outgoing:
        """Return a letter. Raise `SealBroken`."""
        return _read(_OUTGOING, self._lasting.open("letter", sealed, about=mailbox.encode()))

    def officer_chat(self, chat_id: str, to: Address) -> bytes:
        """Return an officer's address sealed for the chat of that id."""
        return self._lasting.seal("officer_chat", _ENCODER.encode(to), about=chat_id.encode())

    def open_officer_chat(self, chat_id: str, sealed: bytes) -> Address:
        """Return an officer's address. Raise `SealBroken`."""
        plain = self._lasting.open("officer_chat", sealed, about=chat_id.encode())
        return _read(_ADDRESS, plain)

    def officer_mail(self, address_id: str, address: str) -> bytes:
        """Return an officer's e-mail address sealed for the row of that id."""
        return self._lasting.seal("officer_mail", address.encode(), about=address_id.encode())

    def open_officer_mail(self, address_id: str, sealed: bytes) -> str:
        """Return an officer's e-mail address. Raise `SealBroken`."""
        return self._lasting.open("officer_mail", sealed, about=address_id.encode()).decode()

    def mail(self, mail_id: str, subject: str, text: str) -> bytes:
        """Return the words of a letter sealed until it is handed over."""
        plain = _ENCODER.encode({"subject": subject, "text": text})
        return self._passing.seal("mail", plain, about=mail_id.encode())

    def open_mail(self, mail_id: str, sealed: bytes) -> tuple[str, str]:
        """Return subject and text of a letter. Raise `SealBroken` or `KeyGone`."""
        plain = self._passing.open("mail", sealed, about=mail_id.encode())
        words = _read(_CREDENTIALS, plain)
        return words["subject"], words["text"]

    def call_back_key(self, conversation: ConversationKey) -> str:
        """Return the pseudonym under which a conversation's wish to be called is kept."""
        return self._pseudonyms.pseudonym("call_back", conversation)

    def call_back(self, key: str, contact: Contact) -> bytes:
        """Return a name and number sealed, to be called back."""
        return self._lasting.seal("call_back", _ENCODER.encode(contact), about=key.encode())

    def open_call_back(self, key: str, sealed: bytes) -> Contact:
        """Return whom to call. Raise `SealBroken`."""
        return _read(_CONTACT, self._lasting.open("call_back", sealed, about=key.encode()))

    def hook_secret(self, hook_id: HookId, secret: str) -> bytes:
        """Return the secret that a hook's calls are signed with, sealed."""
        return self._lasting.seal("hook", secret.encode(), about=hook_id.encode())

    def open_hook_secret(self, hook_id: HookId, sealed: bytes) -> str:
        """Return the secret of a hook. Raise `SealBroken`."""
        return self._lasting.open("hook", sealed, about=hook_id.encode()).decode()

    def hook_call_id(self, hook_id: HookId, about: str) -> HookCallId:
        """Return the one name of telling a hook about something; it leads back to neither."""
        return HookCallId(f"msg_{self._pseudonyms.pseudonym('hook_call', f'{hook_id}|{about}')}")

    def credentials(self, channel_id: ChannelId, values: Mapping[str, str]) -> bytes:
        """Return an account's secrets sealed."""
        plain = _ENCODER.encode(dict(values))
        return self._lasting.seal("credentials", plain, about=channel_id.encode())

    def open_credentials(self, channel_id: ChannelId, sealed: bytes) -> dict[str, str]:
        """Return an account's secrets. Raise `SealBroken`."""
        plain = self._lasting.open("credentials", sealed, about=channel_id.encode())
        return _read(_CREDENTIALS, plain)


def _about(channel_id: ChannelId, event_id: str) -> bytes:
    return f"{channel_id}|{event_id}".encode()


def _read(spelling: msgspec.json.Decoder[_Noun], plain: bytes) -> _Noun:
    """Return what `plain` spells. Raise `SealBroken`: another version may have spelled it."""
    try:
        return spelling.decode(plain)
    except msgspec.DecodeError as error:
        raise SealBroken("sealed in a spelling that is not known") from error
