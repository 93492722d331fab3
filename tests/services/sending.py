"""Ends copies on their way as a platform would, without a platform."""

from collections.abc import Callable
from datetime import timedelta

from bot.core.deliveries import Delivery, DeliveryState, Lane, Outcome
from bot.core.ids import ChannelId
from bot.core.sending import Reason
from tests.builders.town import Town

_LONG = timedelta(minutes=5)
SENT = (DeliveryState.SENT, None)
FAILED = (DeliveryState.FAILED, Reason.BLOCKED)
UNKNOWN = (DeliveryState.UNKNOWN, Reason.NO_ANSWER)
LATER = (DeliveryState.SKIPPED, Reason.NO_WINDOW)


async def taken(town: Town, *, limit: int = 100) -> list[Delivery]:
    """Claim what waits, highest lane first, and let it be on its way."""
    now = town.clock.now()
    found: list[Delivery] = []
    async with town.storage.begin() as work:
        for channel_id in town.open:
            rows = await work.deliveries.claim(
                ChannelId(channel_id),
                tuple(Lane),
                limit - len(found),
                owner="post",
                now=now,
                lease_until=now + _LONG,
            )
            found += rows
        await work.deliveries.mark_sending(
            [one.id for one in found],
            owner="post",
            attempt_id="try",
            now=now,
            until=now + _LONG,
        )
        await work.commit()
    return found


async def end(
    town: Town,
    copies: list[Delivery],
    how: Callable[[Delivery], tuple[DeliveryState, Reason | None]] = lambda _: SENT,
) -> None:
    """Let copies on their way end; what was sent is known as `m-` and its number."""
    now = town.clock.now()
    outcomes = []
    for copy in copies:
        state, reason = how(copy)
        ids = (f"m-{copy.id}",) if state is DeliveryState.SENT else ()
        outcomes.append(
            Outcome(
                delivery_id=copy.id,
                attempt_id="try",
                state=state,
                reason=reason,
                platform_ids=ids,
                not_before=now if state is DeliveryState.WAITING else None,
            )
        )
    async with town.storage.begin() as work:
        await work.deliveries.record(outcomes, at=now)
        await work.commit()


async def delivered(town: Town) -> list[Delivery]:
    """Let everything that waits be sent; return it."""
    copies = await taken(town)
    await end(town, copies)
    return copies
