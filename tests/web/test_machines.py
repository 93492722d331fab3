"""What machines ask: webhooks, health, metrics."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from bot.core.channels import ChannelKind, WebhookRequest
from bot.core.errors import BadSignature, StorageTrouble
from bot.core.ids import ChannelId
from bot.core.messages import Incoming, IncomingKind
from bot.web.health import HealthCheck, Pulse, backlog_check, database_check
from bot.web.metrics import PrometheusMeter
from tests.storage.failing import FailingStorage
from tests.vault.still_clock import StillClock
from tests.web.site import Site, open_site

PATH = "/webhooks/zalo/4711"
RIGHT = {"X-Signature": "right"}


class Platform:
    """A channel that believes one signature and reads the body as the event id."""

    id = ChannelId("z1")
    kind = ChannelKind.ZALO
    webhook_path = PATH
    refusal_status = 200

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def parse(self, request: WebhookRequest) -> list[Incoming]:
        if request.headers.get("x-signature") != "right":
            raise BadSignature("wrong")
        self.bodies.append(request.body)
        return [
            Incoming(
                channel_id=self.id,
                event_id=request.body.hex()[:40],
                kind=IncomingKind.TEXT,
                chat="c",
                text="t",
            )
        ]


@pytest.fixture
def platform(site: Site) -> Platform:
    made = Platform()
    site.channels.append(made)  # type: ignore[arg-type] # all that reception asks of a channel
    return made


async def test_a_webhook_is_handed_on_byte_by_byte_and_stored(
    site: Site, platform: Platform
) -> None:
    body = '{ "text":"đ\\u1ea7y" ,"x": 1.0 }\n'.encode()
    async with site.post(PATH, data=body, headers=RIGHT) as answer:
        assert answer.status == 200
    assert platform.bodies == [body]
    assert await site.backlog() == 1


async def test_a_webhook_that_comes_twice_is_stored_once(site: Site, platform: Platform) -> None:
    for _ in range(3):
        async with site.post(PATH, data=b"{}", headers=RIGHT) as answer:
            assert answer.status == 200
    assert await site.backlog() == 1


async def test_a_bad_signature_stores_nothing(site: Site, platform: Platform) -> None:
    async with site.post(PATH, data=b"{}") as answer:
        assert answer.status == 200
    assert await site.backlog() == 0


async def test_an_app_that_is_not_connected_yet_can_save_its_address(site: Site) -> None:
    async with site.post("/webhooks/zalo/4712", data=b"{}") as answer:
        assert answer.status == 200
    assert await site.backlog() == 0


async def test_an_app_whose_account_cannot_be_opened_is_asked_to_post_again(site: Site) -> None:
    async with site.post("/webhooks/zalo/shut", data=b"{}") as answer:
        assert answer.status == 503


async def test_a_webhook_of_nobody_is_not_found(site: Site) -> None:
    async with site.post("/webhooks/telegram/none", data=b"{}") as answer:
        assert answer.status == 404


async def test_a_webhook_of_a_megabyte_is_refused(site: Site, platform: Platform) -> None:
    async with site.post(PATH, data=BytesIO(b"x" * 1_048_577), headers=RIGHT) as answer:
        assert answer.status == 413
    assert platform.bodies == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_platform_may_look_whether_somebody_is_there(site: Site, method: str) -> None:
    async with site.http.request(method, site.url + PATH) as answer:
        assert answer.status == 200


async def test_a_live_process_says_so(site: Site) -> None:
    async with site.get("/health/live") as answer:
        assert answer.status == 200
        assert await answer.json() == [{"name": "process", "ok": True, "detail": ""}]


async def test_ready_lists_every_check(site: Site) -> None:
    async with site.get("/health/ready") as answer:
        assert answer.status == 200
        assert await answer.json() == [{"name": "database", "ok": True, "detail": ""}]


async def test_one_trouble_makes_the_program_unready(tmp_path: Path) -> None:
    async def breaks() -> str:
        raise OSError("/secret/path")

    clock = StillClock()
    pulse = Pulse("delivery", clock=clock, at_most_s=30)
    checks = [HealthCheck(name="disk", run=breaks), pulse.check()]
    async with open_site(tmp_path, checks=checks) as site:
        async with site.get("/health/ready") as answer:
            assert answer.status == 503
            lines = await answer.json()
        assert lines[0] == {"name": "disk", "ok": False, "detail": "OSError"}
        assert lines[1]["detail"] == "not started"


async def test_a_database_that_can_only_be_read_is_a_trouble(site: Site) -> None:
    storage = FailingStorage(site.storage)
    check = database_check(storage, site.clock)
    assert await check.run() == ""
    storage.fails = True
    # It is tried every half minute, however often somebody asks.
    assert await check.run() == ""
    site.clock.advance(timedelta(seconds=30))
    for _ in range(2):
        with pytest.raises(StorageTrouble):
            await check.run()
    storage.fails = False
    assert await check.run() == ""


async def test_a_loop_that_goes_round_is_well_and_one_that_stopped_is_not() -> None:
    clock = StillClock()
    pulse = Pulse("delivery", clock=clock, at_most_s=30)
    pulse.beat()
    assert await pulse.check().run() == ""
    await clock.sleep(31)
    assert await pulse.check().run() == "silent for 31 s"


async def test_somebody_waiting_long_is_a_trouble(site: Site, platform: Platform) -> None:
    check = backlog_check(site.storage, site.clock, at_most=timedelta(seconds=60))
    async with site.post(PATH, data=b"{}", headers=RIGHT):
        pass
    assert await check.run() == ""
    site.clock.advance(timedelta(seconds=90))
    assert await check.run() == "oldest waits 90 s"


async def test_metrics_are_for_this_machine_if_there_is_no_token(site: Site) -> None:
    site.meter.count("incoming", kind="text")
    site.meter.took("handling", 0.2)
    async with site.get("/metrics") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert 'binhyen_incoming_total{kind="text"} 1.0' in text
    assert "binhyen_handling_seconds_bucket" in text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert all(name.startswith("binhyen_") for name in names)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_metrics_do_not_pass_through_a_proxy_of_this_machine(site: Site, name: str) -> None:
    async with site.get("/metrics", headers={name: "127.0.0.1"}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer right-token", 200),
        ("Bearer wrong", 401),
        ("Bearer ", 401),
        ("đ", 401),
        ("\udcff", 401),
    ],
)
async def test_metrics_want_the_token_if_there_is_one(
    tmp_path: Path, header: str, status: int
) -> None:
    async with (
        open_site(tmp_path, metrics_token="right-token") as site,
        site.get("/metrics", headers={"Authorization": header}) as answer,
    ):
        assert answer.status == status


async def test_labels_never_grow_without_end() -> None:
    meter = PrometheusMeter()
    for number in range(500):
        meter.count("incoming", kind=str(number))
    meter.count("incoming", another="name")
    text = (await meter.text()).decode()
    assert text.count("binhyen_incoming_total{") <= 41
    assert 'kind="other"' in text


async def test_a_gauge_that_cannot_be_read_hides_no_other() -> None:
    async def breaks() -> float:
        raise OSError

    async def two() -> float:
        return 2

    meter = PrometheusMeter()
    meter.gauge("broken", "x", breaks)
    meter.gauge("backlog", "x", two)
    text = (await meter.text()).decode()
    assert "binhyen_broken NaN" in text
    assert "binhyen_backlog 2.0" in text
