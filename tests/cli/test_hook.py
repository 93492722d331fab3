"""Hooks at the command line, tried against a real listener."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.cli.conftest import Machine
from tests.journeys.program import free_port

ADD = ("hook", "add", "--unit", "X1", "--event", "announcement.finished")


@asynccontextmanager
async def listening(status: int) -> AsyncIterator[tuple[str, list[str]]]:
    seen: list[str] = []

    async def take(request: web.Request) -> web.Response:
        seen.append((await request.json())["type"])
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/bao", take)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/bao")), seen


async def test_a_hook_is_added_listed_tried_and_removed(commune: Machine) -> None:
    async with listening(200) as (url, seen):
        said = await commune.typed(*ADD, "--event", "tip.received", "--url", url)
        assert said.status == 0
        secret = said.out.strip()
        assert secret.startswith("whsec_")
        assert "not shown again" in said.err
        listed = await commune.typed("hook", "list", "--json")
        assert secret not in listed.out
        (one,) = listed.document["hooks"]
        assert (one["unit"], one["url"], one["state"], one["trouble"]) == ("X1", url, "active", "")
        assert one["events"] == ["announcement.finished", "tip.received"]
        tried = await commune.typed("hook", "test", one["id"], "--json")
        assert (tried.status, tried.document["is_well"], seen) == (0, True, ["hook.test"])
    gone = await commune.typed("hook", "test", one["id"], "--json")
    assert (gone.status, gone.document["trouble"]) == (1, "no_connection")
    assert "no_connection" in (await commune.typed("hook", "list")).out
    removed = await commune.typed("hook", "remove", one["id"], "--json")
    assert removed.document == {"id": one["id"], "is_removed": True}
    assert "no hooks" in (await commune.typed("hook", "list")).out


async def test_an_answer_that_is_no_yes_is_said(commune: Machine) -> None:
    async with listening(503) as (url, _):
        added = await commune.typed(*ADD, "--url", url, "--json")
        assert added.document["secret"].startswith("whsec_")
        tried = await commune.typed("hook", "test", added.document["id"])
    assert (tried.status, "answered_503" in tried.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((*ADD, "--url", "http://tinh.example.vn/"), 1, "must begin with https://"),
        ((*ADD, "--url", "nowhere"), 1, "must begin with https://"),
        (("hook", "add", "--unit", "X1", "--url", "https://a.example"), 2, "--event"),
        ((*ADD, "--event", "hook.test", "--url", "https://a.example"), 2, "hook.test"),
        (("hook", "test", "never"), 1, "Not found: hook never"),
        (("hook", "remove", "never"), 1, "Not found: hook never"),
    ],
)
def test_a_wrong_hook_is_refused(
    commune: Machine, words: tuple[str, ...], status: int, says: str
) -> None:
    ended = commune(*words)
    assert (ended.status, says in ended.err) == (status, True)


def test_an_unknown_unit_is_refused(commune: Machine) -> None:
    port = free_port()
    words = ("hook", "add", "--unit", "X9", "--event", "tip.received")
    ended = commune(*words, "--url", f"http://127.0.0.1:{port}/")
    assert (ended.status, "X9" in ended.err) == (1, True)
