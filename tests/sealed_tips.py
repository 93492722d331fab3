"""Tips as the page seals them, made here by the vault itself."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from bot.clock import RealChance
from bot.core.ids import TipId, UnitId, new_id
from bot.core.tips import RecordKind, TipCategory
from bot.services.tips.receiving.sealed_intake import SealedTip
from bot.services.tips.records import Readers
from bot.vault.vault import Vault

WHAT = "Nhà cuối ngõ có người lạ ra vào ban đêm."


REPORT = json.dumps({"category": "drugs", "what": WHAT, "is_urgent": False}).encode()


def sealed_tip(
    vault: Vault,
    readers: Readers,
    unit_id: UnitId,
    *,
    pictures: tuple[bytes, ...] = (),
    report: bytes = REPORT,
    talk: bytes | None = None,
) -> SealedTip:
    """Return a tip sealed to those who may read the tips of the unit.

    `report` and `talk` are what a page that lies would put in place of what belongs there.
    """
    tip_id = TipId(new_id(RealChance()))
    key, pair = vault.tips.new_key(), vault.talks.new_pair()
    told = [
        (RecordKind.REPORT, report),
        (RecordKind.TALK, pair.private if talk is None else talk),
        *((RecordKind.PICTURE, picture) for picture in pictures),
    ]
    return SealedTip(
        tip_id=tip_id,
        unit_id=unit_id,
        category=TipCategory.DRUGS,
        is_urgent=False,
        talk_private=pair.private,
        records=[
            vault.tips.seal(
                key, plain, unit_id=unit_id, tip_id=tip_id, kind=kind, sequence=sequence
            )
            for sequence, (kind, plain) in enumerate(told)
        ],
        keys={
            holder.id: vault.tips.wrap(key, holder.public_key) for holder in readers.of(unit_id)
        },
    )


def envelope_of(tip: SealedTip) -> dict[str, Any]:
    """Return what the page says of a sealed tip."""
    return {
        "id": tip.tip_id,
        "unit": tip.unit_id,
        "category": tip.category.value,
        "is_urgent": tip.is_urgent,
        "about_officer": tip.about_officer,
        "talk": base64.b64encode(tip.talk_private).decode(),
        "keys": {holder: base64.b64encode(key).decode() for holder, key in tip.keys.items()},
    }


def body_of(envelope: object, records: Sequence[bytes]) -> aiohttp.FormData:
    """Return the form the page posts."""
    form = aiohttp.FormData()
    form.add_field("tip", envelope if isinstance(envelope, str) else json.dumps(envelope))
    for record in records:
        form.add_field("record", record, filename="r", content_type="application/octet-stream")
    return form
