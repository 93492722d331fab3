"""Giving somebody the keys of tips that another can open."""

from bot.core.ids import KeyHolderId
from bot.core.officers import KeyHolder
from bot.core.sealing import TipSealing
from bot.core.storage import Work
from bot.core.tips import WrappedKey
from bot.services.tips.records import may_hold


class Rewrapping:
    """Seals tips' keys to one more holder."""

    def __init__(self, sealing: TipSealing) -> None:
        self._sealing = sealing

    async def rewrap(
        self, work: Work, old: KeyHolderId, private_key: bytes, new: KeyHolder
    ) -> int:
        """Give `new` the key of every tip `old` can open and `new` may; return how many."""
        units = {unit.id: unit for unit in await work.units.all()}
        keys = [
            WrappedKey(
                tip_id=held.tip_id,
                holder_id=new.id,
                wrapped=self._sealing.wrap(
                    self._sealing.unwrap(held.wrapped, private_key), new.public_key
                ),
            )
            for held in await work.tips.keys_of(old)
            if may_hold(new, await work.tips.get(held.tip_id), units)
        ]
        await work.tips.add_keys(keys)
        return len(keys)
