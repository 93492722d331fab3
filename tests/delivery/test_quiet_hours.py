"""While people sleep ordinary copies stay where they are; what is urgent and answers go."""

from zoneinfo import ZoneInfo

from bot.core.deliveries import Lane
from bot.core.quiet import read_quiet_hours
from tests.delivery.rig import Rig

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
# The rig's clock begins a moment after noon there.
REST = read_quiet_hours("12:00-12:05", HERE)
SOON = read_quiet_hours("12:01-12:05", HERE)
REST_S = 300.0


async def test_ordinary_copies_wait_until_people_wake(rig: Rig) -> None:
    rig.quiet = REST
    await rig.people(30)
    await rig.announce()
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 30}
    assert REST_S - 1 <= rig.channel.begun[0].at <= REST_S + 2


async def test_what_is_urgent_and_answers_go_at_once(rig: Rig) -> None:
    rig.quiet = REST
    await rig.people(3)
    await rig.announce()
    await rig.announce("urgent", lane=Lane.URGENT)
    await rig.reply("Gọi 114.")
    await rig.send_all(until=lambda: rig.clock.monotonic() > 30)
    assert await rig.outcomes("urgent") == {"sent": 3}
    assert await rig.outcomes() == {"waiting": 3}
    assert any(one.to.chat == "asker" for one in rig.channel.sent)


async def test_what_is_under_way_stops_when_the_hour_comes(rig: Rig) -> None:
    rig.quiet = SOON
    await rig.people(2_000)
    await rig.announce()
    await rig.send_all(until=lambda: rig.clock.monotonic() > 120)
    sent = len(rig.channel.begun)
    # A minute at 25 a second, and nothing after it.
    assert 1_400 <= sent <= 1_510
    assert max(one.at for one in rig.channel.begun) < 60.5
    await rig.send_all()
    assert await rig.outcomes() == {"sent": 2_000}
    assert min(one.at for one in rig.channel.begun[sent:]) >= REST_S - 1
