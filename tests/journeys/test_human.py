"""A human answers in the Official Account's own tool, over real HTTP and the stand-in Zalo."""

from tests.channels.stubs.sent_log import Sent
from tests.channels.stubs.zalo_stub import EchoTiming, ZaloStub
from tests.channels.stubs.zalo_webhook import WebhookManners
from tests.journeys.program import Installation


async def test_the_bot_keeps_out_while_a_human_answers_but_never_in_danger(
    installation: Installation,
) -> None:
    async with ZaloStub() as stub, installation.serving() as program:
        account = await installation.command(
            *("channel", "add", "zalo", "--unit", "DEMO"),
            *("--app-id", stub.app.app_id, "--app-secret", stub.app.app_secret),
            *("--oa-id", stub.oa.oa_id, "--oa-secret", stub.app.webhook_secret),
            *("--access-token", stub.tokens.access_token),
            *("--refresh-token", stub.tokens.refresh_token),
            *("--api-url", stub.url, "--oauth-url", stub.url),
        )
        stub.webhook.url = installation.url + account["webhook_path"]
        # The harder case: every event twice, and our own words before the answer to the send.
        stub.webhook.manners = WebhookManners(copies=2)
        stub.echo = EchoTiming.BEFORE_ANSWER
        person = stub.person()

        async def sees(count: int) -> Sent:
            return (await stub.wait_for_sent(count, timeout_s=20, to=person.user_id))[-1]

        await stub.user_says(person, "/khancap")
        assert "114" in (await sees(1)).text
        await stub.user_says(person, "ờ thì là mà")
        assert "chưa chắc đã hiểu" in (await sees(2)).text

        await stub.admin_says(person, "Chào chị, em là cán bộ trực")
        await program.wait_for_event("conversation.left_to_a_human")
        await stub.user_says(person, "ờ thì là mà")
        await stub.user_says(person, "cháy nhà rồi cứu với")
        assert "114" in (await sees(3)).text

        await stub.user_submits_info(person)
        assert "14 ngày" in (await sees(4)).text
        await stub.user_withdraws(person)
        await stub.admin_revokes()
        await program.wait_for_event("channel.revoked")
        listed = await installation.command("channel", "list")
        trouble = next(one for one in listed["channels"] if one["id"] == account["id"])["trouble"]
        assert "Kết nối lại" in trouble
        assert stub.broken_rules == []
        assert len(stub.sent) == 4
