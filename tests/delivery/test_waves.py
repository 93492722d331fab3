"""What is done once for many copies, and that nobody waits because of it."""

from tests.delivery.rig import Rig


async def test_a_letter_is_looked_up_once_for_all_copies_claimed_together(rig: Rig) -> None:
    await rig.people(40)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 40}
    assert rig.letters == 1
