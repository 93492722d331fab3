"""How the tests of the Zalo stub's groups speak to it."""

import json
from collections.abc import Mapping
from typing import cast

from tests.channels.stubs.webhook_ear import WebhookEar
from tests.channels.stubs.zalo_accounts import ZaloPerson
from tests.channels.stubs.zalo_groups import AssetKind, ZaloGroup
from tests.channels.stubs.zalo_line import Json, Line

GROUPS = "/v3.0/oa/group"


async def call(line: Line, name: str, **body: object) -> Json:
    return (await line.post(f"{GROUPS}/{name}", body))[0]


async def codes_of(line: Line, *calls: tuple[str, Mapping[str, object]]) -> list[object]:
    return [(await call(line, name, **body))["error"] for name, body in calls]


def heard(ear: WebhookEar) -> list[Json]:
    return [json.loads(one.body) for one in ear.heard]


async def found(line: Line, *people: ZaloPerson, kind: AssetKind = AssetKind.GMF50) -> Json:
    return await call(
        line,
        "creategroupwithoa",
        group_name="An ninh tổ 3",
        asset_id=line.stub.asset(kind).asset_id,
        member_user_ids=[person.user_id for person in people],
    )


async def group_of(line: Line, *people: ZaloPerson) -> ZaloGroup:
    said = await found(line, *people)
    return line.stub.oa.groups[cast(str, cast(Json, said["data"])["group_id"])]


def members(group: ZaloGroup, *people: ZaloPerson) -> Json:
    ids = [person.user_id for person in people]
    return {"group_id": group.group_id, "member_user_ids": ids}
