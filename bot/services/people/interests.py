"""Topics of which somebody asked to hear more; they widen what is sent, and never narrow it.

What is for everybody, and what is urgent, comes to all who joined whatever they chose. Acts of
residents ride in the transaction of the message they came with, so they take `work`.
"""

from collections.abc import Collection, Mapping

from bot.core.errors import NotFound, RuleBroken
from bot.core.ids import PersonId
from bot.core.messages import Address
from bot.core.storage import Storage, Work
from content.interests import Interest


class Interests:
    """Use cases about the topics people choose."""

    def __init__(self, *, storage: Storage, offered: Mapping[str, Interest]) -> None:
        self._storage = storage
        self._offered = offered

    def check(self, topics: Collection[str]) -> None:
        """Raise `RuleBroken` unless all of them can be chosen."""
        if unknown := [topic for topic in topics if topic not in self._offered]:
            known = ", ".join(self._offered)
            raise RuleBroken("topic_unknown", topic=unknown[0], known=known)

    async def of(self, person_id: PersonId) -> frozenset[str]:
        """Return what somebody chose, with what is offered no more."""
        async with self._storage.read() as work:
            return await work.people.interests(person_id)

    async def change(
        self,
        work: Work,
        address: Address,
        *,
        add: Collection[str] = (),
        drop: Collection[str] = (),
    ) -> None:
        """Add and drop topics of somebody's; a second time changes nothing.

        Raise `NotFound` if the chat has not joined, `RuleBroken` for what cannot be chosen.
        """
        self.check(add)
        person = await work.people.find(address.channel_id, address.chat)
        if person is None:
            raise NotFound("only members choose")
        chosen = await work.people.interests(person.id)
        await work.people.set_interests(person.id, (chosen | set(add)) - set(drop))
