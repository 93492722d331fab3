"""Whatever is sent to the stand-in of Zalo, it answers as the platform would: never a crash."""

import contextlib
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.stubs.zalo_answers import ZaloRefusal
from tests.channels.stubs.zalo_line import ASK, Json, Line, buttons, media
from tests.channels.stubs.zalo_messages import read_message

LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
NAMES = st.sampled_from(
    [
        *("text", "attachment", "type", "payload", "elements", "template_type", "media_type"),
        *("buttons", "title", "token", "attachment_id", "url", "width", "quote_message_id"),
    ]
)
WORDS = st.sampled_from(
    [
        *("template", "file", "media", "request_user_info", "image", "gif", "sticker"),
        *("oa.open.url", "oa.query.show"),
    ]
)
ANYTHING = st.recursive(
    LEAVES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(message=st.dictionaries(NAMES, ANYTHING, max_size=4))
def test_a_message_is_read_or_refused(message: Json) -> None:
    with contextlib.suppress(ZaloRefusal):
        read = read_message(message)
        assert read.text or read.file or read.buttons


POSTS = [
    "/v3.0/oa/message/cs",
    "/v3.0/oa/message/promotion",
    "/v3.0/oa/message/transaction",
    "/v2.0/oa/message",
    "/v2.0/oa/article/create",
    "/v2.0/oa/article/verify",
    "/v3.0/oa/user/update",
    "/v2.0/oa/tag/tagfollower",
    "/v2.0/oa/tag/rmfollowerfromtag",
    "/v2.0/oa/tag/rmtag",
    "/v3.0/oa/quota/message",
    "/v2.0/oa/quota/message",
    "/v3.0/oa/quota/group",
    "/v2.0/oa/upload/image",
    "/v2.0/oa/upload/gif",
    "/v2.0/oa/upload/file",
    *(
        f"/v3.0/oa/group/{name}"
        for name in (
            *("message", "creategroupwithoa", "invite", "acceptpendinginvite"),
            *("rejectpendinginvite", "addadmins", "removeadmins", "removemembers"),
            *("updateinfo", "updateasset", "delete"),
        )
    ),
]
NONSENSE: list[object] = [
    {},
    [],
    "x",
    7,
    None,
    {"recipient": []},
    {"recipient": {}, "message": {}},
    {"recipient": {"user_id": None}, "message": {"text": "a"}},
    {"recipient": {"target": []}, "message": {"text": "a"}},
    {"recipient": {"target": {}}, "message": {"attachment": {"payload": {"elements": [[]]}}}},
    {"recipient": {"user_id": "1"}, "sender_action": 5},
    {"recipient": {"user_id": "1"}, "message": media({"media_type": []})},
    {"recipient": {"user_id": "1"}, "message": buttons(ASK | {"payload": {}})},
    {"user_id": [], "tag_name": {}},
    {"group_id": {}, "asset_id": 5, "group_name": None, "member_user_ids": [[]]},
    {"quota_owner": "OA", "product_type": [], "quota_type": {}},
]


@pytest.mark.parametrize("path", POSTS)
async def test_nonsense_gets_an_envelope(zalo_line: Line, path: str) -> None:
    zalo_line.stub.world.sending.promotions_are_open = True
    for body in NONSENSE:
        said, _ = await zalo_line.post(path, body)
        assert cast(int, said["error"]) < 0, body
    assert len(zalo_line.stub.broken_rules) > 0


async def test_addresses_that_are_none_are_written_down(zalo_line: Line) -> None:
    for path in ("/v3.0/oa/groupchat/message", "/v4/oa/none", "/v3.0/oa/message/cs"):
        async with zalo_line.client.get(path, headers=zalo_line.headers()) as answer:
            assert answer.status == 404
    assert len(zalo_line.stub.broken_rules) == 3
