"""Strict stand-ins of Telegram and Zalo on 127.0.0.1, written from the platforms' own rules.

In a test:

    async with ZaloStub() as stub:
        stub.webhook.url = f"{base}/webhooks/zalo/{stub.app.app_id}"
        lan = stub.person()
        await stub.user_says(lan, "/trogiup")
        sent = await stub.wait_for_sent(1, timeout_s=5)
        await stub.user_taps(sent[0], "Khẩn cấp")
        stub.fail_next(FaultKind.CLOSE_AFTER, method="/v3.0/oa/message/cs")
        assert stub.broken_rules == []

    async with TelegramStub(clock=StubClock(frozen=True)) as stub:
        stub.groups.make(-4001, creator=7001, title="Tổ 3")
        await stub.user_opens_link(7001, "https://t.me/thu_nghiem_bot?start=abc")
        link = "https://t.me/thu_nghiem_bot?startgroup=abc&admin=delete_messages"
        await stub.groups.user_opens_link(7001, link, chat_id=-4001)
        stub.user_sends_file(7001, stub.files.keep("photo", data=jpeg), caption="Cổng làng")
        stub.fail_next(FaultKind.ENDLESS, method="file")
        stub.groups.migrate(-4001)
        stub.clock.advance(150)
        assert (stub.edited, stub.deleted, stub.unanswered_callbacks) == ([], [], [])

What the Telegram stub knows is cut by subject: `telegram_crowd` (people), `telegram_groups`,
`telegram_files` (downloads and their switches), `telegram_flood` (pace), `telegram_updates` and
`telegram_webhook` (how updates come), one `telegram_*_calls` per family of methods. To iterate
over: `telegram_wordings.WORDINGS` (every refusal), `telegram_bodies.CONTENTS` and `NOTICES`,
`telegram_update_examples.update_examples()`.

By hand: `python -m tests.channels.stubs.telegram_stub --port 9001 --token 123:ABC`, then

    curl -d '{"user": 7001, "text": "alo"}' 127.0.0.1:9001/_stub/say
    curl -d '{"chat": -4001, "by": 7001, "rights": ["can_delete_messages"]}' .../_stub/add_bot
    curl '127.0.0.1:9001/_stub/sent?count=1'
    curl -d '{"kind": "close_after", "method": "sendMessage"}' 127.0.0.1:9001/_stub/fail
    curl 127.0.0.1:9001/_stub/broken_rules

`/_stub/` followed by a name that is none lists the doors; `telegram_orders` tells what each takes.
Ids, secrets and tokens to give to the program are under `/_stub/state` (Zalo).
"""
