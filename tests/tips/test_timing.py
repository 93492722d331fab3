"""An unknown receipt is answered no sooner and no later than a wrong one, at the real cost.

Both are asked in turn, so that whatever else the machine does falls on both alike, and compared
by rank (Mann-Whitney): no moment is held against a clock.
"""

import contextlib
import math
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.core.ids import ALPHABET
from bot.core.sealing import ReceiptMistyped
from bot.vault.vault import Vault, open_vault
from tests.builders.town import Town
from tests.one_book import the_book
from tests.tip_builder import receiving_of
from tests.tip_talks import REPORT

pytestmark = pytest.mark.timeout(120)
EACH = 60
# By chance alone once in more than five hundred million runs.
FARTHEST = 6.0


def deviation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return by how many standard deviations the ranks of two samples without ties differ."""
    wins = sum(one > other for one in first for other in second)
    many, others = len(first), len(second)
    spread = math.sqrt(many * others * (many + others + 1) / 12)
    return abs(wins - many * others / 2) / spread


def test_a_difference_that_is_there_is_seen() -> None:
    quick = [1 + number / 1_000 for number in range(EACH)]
    assert deviation(quick, [one + 0.5 for one in quick]) > FARTHEST
    assert deviation(quick, [one + 0.0005 for one in quick]) < 1


def _receipt(vault: Vault, locator: str | None) -> str:
    """Return a receipt nobody was given that begins like one that was, or like none."""
    receipt = vault.receipts.new()
    if locator is None:
        return receipt.text
    for sign in ALPHABET:
        with contextlib.suppress(ReceiptMistyped):
            return vault.receipts.parse(locator + receipt.secret + sign).text
    raise AssertionError("no sign guards this receipt")


async def test_an_unknown_receipt_takes_as_long_as_a_wrong_one(town: Town, tmp_path: Path) -> None:
    await town.founded()
    # The same keys and database, with the slowness that the town is spared.
    vault = open_vault(tmp_path / "keys", clock=town.clock)
    took: dict[bool, list[float]] = {True: [], False: []}
    try:
        receiving = receiving_of(
            town.storage,
            vault,
            book=the_book(),
            envelopes=town.envelopes,
            clock=town.clock,
            chance=town.chance,
        )
        submission = await receiving.intake.submit(REPORT, town.hamlet)
        async with town.storage.begin() as work:
            await submission.effect(work)
            await work.commit()
        known = submission.receipt.locator
        for number in range(EACH):
            for is_known in (True, False) if number % 2 else (False, True):
                typed = _receipt(vault, known if is_known else None)
                began = time.perf_counter()
                assert await receiving.talks.follow(typed) is None
                took[is_known].append(time.perf_counter() - began)
            # Beyond the tries that are counted.
            town.clock.advance(3_601)
    finally:
        vault.close()
    assert deviation(took[True], took[False]) < FARTHEST
