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

By hand: `python -m tests.channels.stubs.telegram_stub --port 9001 --token 123:ABC`, then

    curl -d '{"user": 7001, "text": "alo"}' 127.0.0.1:9001/_stub/say
    curl '127.0.0.1:9001/_stub/sent?count=1'
    curl -d '{"kind": "close_after", "method": "sendMessage"}' 127.0.0.1:9001/_stub/fail
    curl 127.0.0.1:9001/_stub/broken_rules

`/_stub/` followed by a name that is none lists the doors. Ids, secrets and tokens to give to the
program are under `/_stub/state` (Zalo).
"""
